"""Roles of tables: what the engine knows the tables of a data package by.

``datapackage.json`` declares the role of a table as ``ruolo``. A package needs the table of
editions; without another, what rests on it is not there.
"""

#: The editions that were published: ``edizione``, ``libro``, ``anno``.
EDITIONS = "edizioni"
#: What was measured, and what each indicator is.
INDICATORS, DEFINITIONS = "indicatori", "definizioni"
#: What figures count: see ``annuario.data.nature``.
NATURES = "grandezze"
#: What should hold between the figures, and what the published documents get wrong.
IDENTITIES, DISCREPANCIES = "identita", "discrepanze"
#: The cells that they print wrong, and the values used.
CORRECTIONS = "correzioni"
#: What a year's edition is made from: the rows expected of it, who delivered them; what was corrected once it was out.
EXPECTED, DELIVERIES, ERRATA = "attese", "consegne", "errata"
#: The names of services, for the index; the colours that codes keep.
SERVICES, COLORS = "servizi", "colori"
#: What each line of the documents prints in numbers; how many rows they give each table; the
#: doubts that someone looked up and confirmed.
PRINTED, COUNTS, CONFIRMATIONS = "stampati", "conteggi", "conferme"
#: What documents say of themselves (seat, approval) and the abbreviations they use, each with its line.
COLOPHON, GLOSSARY = "colophon", "glossario"
#: The territories that an extract can be about; several tables may have this role.
TERRITORIES = "territori"
