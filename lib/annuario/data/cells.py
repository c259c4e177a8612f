"""What the cells of a table may look like, and their values."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal

from annuario.messages import alternatives, marked, say

#: What the cells of numbers look like: no exponents, no «NaN», and no more digits than sums hold exactly.
NUMBERS = {
    Decimal: (
        re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII),
        marked("a decimal number with a point, such as 1234.50"),
    ),
    int: (re.compile(r"-?\d{1,15}", re.ASCII), marked("a whole number")),
}
#: Digits as people type them: with blanks, points or commas between groups of three, or before the decimals.
_GROUPED = re.compile(r"(\d{1,3})((?P<sign>[., ])\d{3}(?:(?P=sign)\d{3})*)(?:(?!(?P=sign))[.,](\d{1,6}))?", re.ASCII)
_DECIMALS = re.compile(r"(\d{1,15})[.,](\d{1,6})", re.ASCII)
_WHOLE = re.compile(r"\d{1,15}", re.ASCII)
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)


def meanings(text: str) -> list[Decimal]:
    r"""The numbers that a text typed by hand may mean; none where it is no number.

    Blanks around it, ``€`` and ``%`` do not count; one point or comma before three digits may
    stand for thousands or for decimals. One blank may stand for thousands, more of them or a new line not.

    >>> meanings(" 1.234,50 €"), meanings("12,5"), meanings("1.071"), meanings("n.d."), meanings("308\n309")
    ([Decimal('1234.50')], [Decimal('12.5')], [Decimal('1071'), Decimal('1.071')], [], [])
    """
    body = re.sub(r"[^\S\r\n]", " ", text.strip())
    for sign in ("€", "%"):
        body = body.removeprefix(sign).removesuffix(sign).strip()
    minus = body[:1] in ("-", "\u2212")
    body = body[1:].lstrip() if minus else body
    found = []
    if grouped := _GROUPED.fullmatch(body):
        if not body.startswith("0"):
            whole = grouped[1] + re.sub(r"\D", "", grouped[2])
            found.append(f"{whole}.{grouped[4]}" if grouped[4] else whole)
        if not grouped[4] and len(grouped[2]) == 4 and grouped["sign"] != " ":
            found.append(body.replace(",", "."))
    elif decimals := _DECIMALS.fullmatch(body):
        found.append(f"{decimals[1]}.{decimals[2]}")
    elif _WHOLE.fullmatch(body):
        found.append(body)
    found = [one for one in found if NUMBERS[Decimal][0].fullmatch(one)]
    return [-Decimal(one) if minus else Decimal(one) for one in found]


def converted(texts: list[str], convert: type, required: bool) -> tuple[list, list[tuple[int, str]], bool]:
    """The values of some cells, what is wrong with which rows, and whether a cell was written in another form.

    A form that can mean one number alone, such as ``1.234,50``, is taken for it.

    >>> converted(["12", "1.234,5", "", "n.d."], Decimal, required=False)
    ([Decimal('12'), Decimal('1234.5'), None, None], [(5, '«n.d.» is not a decimal number with a point, such
    as 1234.50: where there is none, leave the row out')], True)
    """
    pattern, kind = NUMBERS[convert]
    values: list = []
    wrong, mended = [], False
    for row, text in enumerate(texts, start=2):
        if text == "" or text.isspace():
            values.append(None)
            mended = mended or text != ""
            if required:
                wrong.append((row, say("is empty: fill it in")))
        elif pattern.fullmatch(text):
            values.append(convert(text))
        else:
            meant = [one for one in meanings(text) if convert is Decimal or one == one.to_integral_value()]
            values.append(convert(meant[0]) if len(meant) == 1 else None)
            mended = True
            if len(meant) > 1:
                choice = alternatives(f"{one:f}" for one in meant)
                wrong.append(
                    (row, say("«{text}» may be {choice}: write the one that is meant", text=text[:60], choice=choice))
                )
            elif not meant and not re.search(r"\d", text):
                said = say(
                    "«{text}» is not {kind}: where there is none, leave the row out", text=text[:60], kind=say(kind)
                )
                wrong.append((row, said))
            elif not meant:
                wrong.append((row, say("«{text}» is not {kind}", text=text[:60], kind=say(kind))))
    return values, wrong, mended


def day(text: str) -> str:
    """A date in the form of data; what is none stays as it is.

    >>> day("31/12/2026"), day("2026-12-31"), day("31/2/2026")
    ('2026-12-31', '2026-12-31', '31/2/2026')
    """
    if found := _DAY.fullmatch(text):
        try:
            return datetime.date(int(found[3]), int(found[2]), int(found[1])).isoformat()
        except ValueError:
            pass
    return text
