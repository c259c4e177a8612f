"""A workbook compared with the tables, sheet by sheet; problems all at once."""

from __future__ import annotations

from annuario.messages import say
from annuario.workbook import layout
from annuario.workbook.changes import Changes
from annuario.workbook.explanations import is_asked
from annuario.workbook.form import Form, List, is_fixed
from annuario.workbook.lists import Entries
from annuario.workbook.read import Read
from annuario.workbook.rows import Rows


def compare(form: Form, read: Read) -> Changes:
    """What a workbook changes in the edition that a form is of; its explanations are for ``explanations.compare``.

    >>> from annuario.workbook.read import read
    >>> from annuario.workbook.write import write
    >>> form = Form(bozza.project, bozza.package, bozza.edition)
    >>> write(form, form.subjects, cartella / "a.xlsx")
    >>> bool(compare(form, read(cartella / "a.xlsx")))  # nothing is filled in yet
    False
    """
    found = Changes(problems=list(read.problems), notices=list(read.notices))
    digest = layout.digest(form.package)
    if any(sheet.mark.digest != digest for sheet in read.sheets):
        found.notices.append(
            say("the declaration of the tables has changed since the sheet was made: every row is checked")
        )
    Rows(form, found).compare([sheet for sheet in read.sheets if not sheet.mark.table])
    lists = {one.table: one for one in form.lists}
    listed = [sheet for sheet in read.sheets if sheet.mark.table and not is_asked(sheet)]
    for table in dict.fromkeys(sheet.mark.table for sheet in listed):
        if table not in form.package.resources or is_fixed(form.package, table):
            found.problems.append(
                say(
                    "{name}: the table «{table}» is no list: make the sheet again with «annuario sheet»",
                    name=read.path.name,
                    table=table,
                )
            )
            continue
        known = lists.get(table) or List(
            table, table, [name for name in form.package.fields(table) if name != "edizione"], []
        )
        Entries(form, known, found).compare([sheet for sheet in listed if sheet.mark.table == table])
    return found
