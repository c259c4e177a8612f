"""What a draft leaves open, to be explained together in one sheet: differences for the ledger, doubts to be confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from annuario import agency, checks
from annuario.data import Package
from annuario.data.expected import CONFIRMED, SEPARATOR, words
from annuario.data.roles import DISCREPANCIES, EXPECTED
from annuario.messages import say
from annuario.workbook import layout, values
from annuario.workbook.changes import ADDED, CHANGED, Change, Changes, State
from annuario.workbook.form import Form
from annuario.workbook.read import Read, Row, Sheet
from annuario.workbook.values import Wrong
from annuario.year import explain

#: What the sheet is called in its mark, and for people.
TABLE, TITLE = "spiegazioni", "Spiegazioni"
#: Its columns, for the program and for people.
COLUMNS = {
    layout.KEY: "Chiave",
    "cosa": "Che cosa non torna",
    "atteso": "Atteso",
    "trovato": "Trovato",
    "differenza": "Differenza",
    "spiegazione": "Spiegazione",
    "esito": "Che differenza è",
    "usato": "Valore che il libro usa",
    "dove": "Dove",
}
HINT = (
    "Si scrive nella colonna «Spiegazione»: quella di una differenza sta nel libro, nella «Nota di quadratura»; "
    "quella di un dubbio dice perché il valore è giusto. Se un numero è sbagliato si corregge nel suo foglio."
)


@dataclass(frozen=True)
class Question:
    """Something open: the check that fails or the doubt, what it says, what has been answered.

    ``row`` names the expected row that a doubt is about, which its answer confirms; a difference has none.

    >>> Question("casi/somma/relazione-2026/2026", "Somma dei casi", "minori-1!Casi!G7", found=Decimal(3)).key
    'casi/somma/relazione-2026/2026#'
    """

    id: str
    what: str
    where: str
    expected: Decimal | None = None
    found: Decimal | str | None = None
    difference: Decimal | None = None
    answer: str = ""
    verdict: str = checks.FAILS
    used: str = ""
    row: tuple[str, str] | None = None

    @property
    def key(self) -> str:
        """What names it in the sheet: an answer is to this difference, or to this value, alone."""
        told = self.found if self.row else "" if self.difference is None else f"{self.difference:f}"
        return f"{self.id}{layout.JOINT}{told}"


def questions(package: Package, edition: str, by: agency.Agency | None = None) -> list[Question]:
    """The differences of an edition, those without an explanation first, then the doubts that its rows can confirm.

    ``by`` is the agency whose checks are made, by default that of the package's project.

    >>> questions(bozza.package, "relazione-2026")
    []
    """
    found: list[Question] = []
    if package.has(DISCREPANCIES):
        results = checks.run(package, by)
        own = results[results["edizione"] == edition]
        left = set(explain.unexplained(own, package)["id"])
        known = checks.recorded(package).to_dict("index")
        for one in own[~own["esito"].isin((*checks.ACCEPTED, checks.WAITING))].itertuples():
            told = {} if one.id in left else known.get(one.id, {})
            found.append(
                Question(
                    one.id, f"{one.cosa} ({one.anno})", one.dove, one.atteso, one.trovato, one.differenza,
                    told.get("spiegazione", ""), told.get("esito", checks.FAILS), told.get("valore_usato", ""),
                )
            )  # fmt: skip
    return sorted(found, key=lambda one: bool(one.answer)) + _doubts(package, edition)


def _doubts(package: Package, edition: str) -> list[Question]:
    asked = {}
    if package.has(EXPECTED):
        table = package.indexed(EXPECTED)
        names, keys = table.column("tabella"), table.column("chiave")
        for place in table.places("edizione").get(edition, ()):
            name, key = names[place], keys[place]
            asked["/".join((name, edition, *key.split(SEPARATOR)))] = (name, key)
    return [
        Question(doubt.id, f"{words(package, *row)}: {doubt.what}", doubt.where, found=doubt.found, verdict="", row=row)
        for doubt in checks.doubts(package)
        if (row := asked.get(doubt.id.partition("/")[2]))
    ]


def is_asked(sheet: Sheet) -> bool:
    """Whether a sheet is the one of the explanations.

    >>> is_asked(Sheet("Spiegazioni", layout.Mark(1, "relazione-2026", "Spiegazioni", "0123", TABLE), {}, []))
    True
    """
    return sheet.mark.table == TABLE


def compare(form: Form, read: Read, changes: Changes, tried: Package) -> None:
    """Add to a workbook's changes the answers that it gives; ``tried`` are the tables with its other changes in them.

    >>> compare(Form(bozza.project, bozza.package, bozza.edition), Read(cartella, b"", ""), Changes(), bozza.package)
    """
    rows = [
        (sheet, row) for sheet in read.sheets if is_asked(sheet) for row in sheet.rows if not row["spiegazione"].blank
    ]
    if not rows:
        return
    known = {one.id: one for one in questions(tried, str(form.edition), agency.of(form.package))}
    for sheet, row in rows:
        try:
            _answer(form, sheet, row, known, changes)
        except Wrong as wrong:
            changes.problems.append(f"{sheet.where(row, 'spiegazione')}: {wrong}")


def _answer(form: Form, sheet: Sheet, row: Row, known: dict[str, Question], changes: Changes) -> None:
    name = row[layout.KEY].text.partition(layout.JOINT)[0]
    said = values.text(row["spiegazione"], {})
    if not name:
        raise Wrong(
            say("the row has no key, so that nobody knows what is explained: write it into the row it is about")
        )
    asked, where = known.get(name), sheet.where(row, "spiegazione")
    if asked is None:
        changes.notices.append(
            say("{where}: this is not open any more ({name}): the explanation is not written", where=where, name=name)
        )
        return
    if asked.key != row[layout.KEY].text:
        raise Wrong(
            say(
                "what it explains is another now ({told}): explain that in a new sheet, or empty the cell",
                told=values.told(asked.difference) if asked.difference is not None else asked.found,
            )
        )
    place = (sheet.name, row["spiegazione"].place)
    if asked.row:
        changes.states.append(State(*asked.row, words(form.package, *asked.row), CONFIRMED, said, place))
        return
    try:
        verdict = values.text(row["esito"], {"enum": list(explain.VERDICTS)}) or checks.FAILS
    except Wrong as wrong:
        changes.problems.append(f"{sheet.where(row, 'esito')}: {wrong}")
        return
    used = values.text(row["usato"], {})
    if (said, verdict, used) == (asked.answer, asked.verdict, asked.used):
        return
    changes.rows.append(
        Change(
            CHANGED if asked.answer else ADDED, form.package.name(DISCREPANCIES), name, asked.what,
            f"«{asked.answer}»", f"«{said}»", place,
            {
                "controllo": name,
                "edizione": str(form.edition),
                "esito": verdict,
                "differenza": "" if asked.difference is None else f"{asked.difference:f}",
                "spiegazione": said,
                "valore_usato": used,
            },
        )
    )  # fmt: skip
