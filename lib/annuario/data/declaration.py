"""The declaration of the tables, ``datapackage.json``, as far as Annuario counts on it.

What else the standard asks is frictionless's to check (``annuario.data.validate``).
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path, PurePosixPath

import orjson

from annuario.data.roles import (
    COLOPHON,
    COLORS,
    CONFIRMATIONS,
    CORRECTIONS,
    COUNTS,
    DEFINITIONS,
    DELIVERIES,
    DISCREPANCIES,
    EDITIONS,
    ERRATA,
    EXPECTED,
    GLOSSARY,
    IDENTITIES,
    INDICATORS,
    NATURES,
    PRINTED,
    SERVICES,
    TERRITORIES,
)
from annuario.errors import BookError
from annuario.messages import say, why

#: Every role, with the fields that a table of it needs.
NEEDED = {
    EDITIONS: ("edizione", "libro", "anno"),
    INDICATORS: ("edizione", "anno", "indicatore", "sede", "valore", "fonte"),
    DEFINITIONS: ("indicatore", "servizio", "gruppo", "voce", "misura", "nome", "unita"),
    NATURES: ("cifra",),
    IDENTITIES: (
        "controllo", "cosa", "atteso", "relazione", "trovato", "regola", "edizione", "anno", "noti", "arrotondati",
    ),
    DISCREPANCIES: ("controllo", "esito", "spiegazione", "valore_usato"),
    CORRECTIONS: ("tabella", "edizione", "chiave", "campo", "stampato", "usato", "fonte", "cosa", "motivo", "controllo"),
    EXPECTED: ("edizione", "tabella", "chiave", "stato", "motivo"),
    DELIVERIES: (
        "consegna", "edizione", "servizio", "ruolo", "sistema", "rilevato_al", "consegnato_il", "importato_il", "file",
        "sha256", "stato",
    ),
    ERRATA: ("edizione", "tabella", "chiave", "stampato", "corretto", "data", "motivo"),
    SERVICES: ("servizio", "nome"),
    COLOPHON: ("edizione", "voce", "testo"),
    GLOSSARY: ("sigla", "esteso"),
    TERRITORIES: ("nome", "tipo"),
    COLORS: ("voce", "colore"),
    PRINTED: ("documento", "riga", "numeri"),
    COUNTS: ("tabella", "edizione", "righe"),
    CONFIRMATIONS: ("controllo", "trovato", "motivo", "confermata_da"),
}  # fmt: skip
#: Fields that are counted with: of this type wherever a role needs them.
COUNTED = {"anno": "integer", "valore": "number", "riga": "integer", "righe": "integer"}
#: The constraints that a rule of rows may set.
CONSTRAINTS = ("required", "minimum", "maximum", "pattern", "enum")
#: How the rows of a table are asked for a new edition: each that the last one has, some, or none.
ASKED = EACH, SOME, NONE = ("righe", "elenco", "no")
#: The types of fields that the form of data packages has.
TYPES = (
    "any", "array", "boolean", "date", "datetime", "duration", "geojson", "geopoint", "integer", "list", "number",
    "object", "string", "time", "year", "yearmonth",
)  # fmt: skip


def read(path: Path) -> dict:
    """The parsed declaration.

    Raises BookError with a line for each problem, naming table and field.

    >>> read(esempio.folder / "datapackage.json")["resources"][0]["name"]
    'edizioni'
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BookError(say("{path}: cannot be read ({why}).", path=path, why=why(error))) from error
    content = content.removeprefix(BOM_UTF8)
    _require(path, content)
    return orjson.loads(content)


@lru_cache(maxsize=8)  # each chart of a chapter asks for the colours that are declared
def _require(path: Path, content: bytes) -> None:
    try:
        descriptor = json.loads(content.decode("utf-8"), object_pairs_hook=_each_once)
        orjson.loads(content)  # knows no NaN
    except (ValueError, RecursionError) as error:
        raise BookError(say("{path}: cannot be read as JSON ({error}).", path=path, error=error)) from error
    problems = [f"{path}: {problem}." for problem in _problems(descriptor)]
    if problems:
        raise BookError("\n".join(problems))


def _each_once(pairs: list[tuple[str, object]]) -> dict:
    for key, count in Counter(key for key, _ in pairs).items():
        if count > 1:
            raise ValueError(say("«{key}» stands twice", key=key))
    return dict(pairs)


def _problems(descriptor: object) -> Iterator[str]:
    if not isinstance(descriptor, dict) or not isinstance(descriptor.get("resources"), list):
        yield say("declares no tables: write them as a list under «resources»")
        return
    tables: dict[str, dict] = {}
    for number, resource in enumerate(descriptor["resources"], 1):
        name = resource.get("name") if isinstance(resource, dict) else None
        if not isinstance(name, str) or not re.fullmatch(r"\w[\w.-]*", name):
            yield say("table {number} has no «name» of letters, digits, hyphens and underscores", number=number)
        elif name.lower() in tables:
            yield say("two tables are called «{name}»: rename one", name=name)
        else:
            tables[name.lower()] = resource
            for problem in _of_table(resource):
                yield say("table «{name}»: {problem}", name=name, problem=problem)
    yield from _roles(tables)
    for name, table in tables.items():
        yield from (
            say("table «{name}»: «regole»: {problem}", name=name, problem=problem) for problem in _rules(table, tables)
        )
        yield from (
            say("table «{name}»: «riservatezza»: {problem}", name=name, problem=problem)
            for problem in _confidential(table, tables)
        )
        for field in _fields(table):
            for other in _listed(field.get("nomi", [])):
                if not isinstance(other, str) or other.lower() not in tables:
                    yield say(
                        "table «{name}»: «nomi» of the field «{get}» must name tables: «{other}» is none",
                        name=name,
                        get=field.get("name"),
                        other=other,
                    )


def _roles(tables: dict[str, dict]) -> Iterator[str]:
    """What is wrong with the roles: without a table of a role, what rests on it is left out in silence."""
    held: dict[str, str] = {}
    for name, table in tables.items():
        role = table.get("ruolo")
        if role is None:
            continue
        if role not in list(NEEDED):
            close = get_close_matches(str(role), NEEDED, 1)
            meant = (
                say("did you mean «{close}»?", close=close[0])
                if close
                else say("the roles are {needed}", needed=", ".join(NEEDED))
            )
            yield say("table «{name}»: there is no «ruolo» {role}: {meant}", name=name, role=role, meant=meant)
        elif role in held and role != TERRITORIES:
            yield say(
                "tables «{held}» and «{name}»: both have the «ruolo» {role}: only one can",
                held=held[role],
                name=name,
                role=role,
            )
        else:
            held[role] = name
            yield from (
                say("table «{name}»: {problem}", name=name, problem=problem) for problem in _needed(role, table)
            )
    if EDITIONS not in held:
        yield say(
            "no table has the «ruolo» {editions}: declare the one that names the published editions", editions=EDITIONS
        )


def _needed(role: str, table: dict) -> Iterator[str]:
    types = {field.get("name"): field.get("type") for field in _fields(table)}
    for field in NEEDED[role]:
        if field not in types:
            yield say("the field «{field}» is missing", field=field)
        elif types[field] != COUNTED.get(field, types[field]):
            yield say("the field «{field}» must be of the type {counted}", field=field, counted=COUNTED[field])


def _of_table(resource: dict) -> Iterator[str]:
    path = resource.get("path")
    if not isinstance(path, str) or not path:
        yield say("has no «path»: name its file")
    elif not _is_inside(path):
        yield say("«path» {path} is not a file of the data folder", path=path)
    yield from _boundaries(resource)
    schema = resource.get("schema")
    if not isinstance(schema, dict) or not isinstance(schema.get("fields"), list) or not schema["fields"]:
        yield say("has no «schema» with a list of «fields»")
        return
    for number, field in enumerate(schema["fields"], 1):
        if not isinstance(field, dict) or not all(
            isinstance(field.get(key), str) and field[key] for key in ("name", "type")
        ):
            yield say("field {number} has no «name» or no «type»", number=number)
        elif field["type"] not in TYPES:
            yield say(
                "the field «{name}» is of the type «{type}»: the types are {types}",
                name=field["name"],
                type=field["type"],
                types=", ".join(TYPES),
            )
        elif not isinstance(field.get("constraints", {}), dict):
            yield say("«constraints» of the field «{name}» must hold keys and values", name=field["name"])
        elif not _is_pattern(field.get("constraints", {}).get("pattern", "")):
            yield say("«pattern» of the field «{name}» is not a regular expression", name=field["name"])
    names = _names(resource)
    for name in sorted(name for name, count in Counter(names).items() if count > 1):
        yield say("two fields are called «{name}»", name=name)
    for key, named in (("primaryKey", schema.get("primaryKey")), ("vintage", resource.get("vintage"))):
        if named is not None and not (isinstance(named, (str, list)) and all(one in names for one in _listed(named))):
            yield say("«{key}» must name fields of the table", key=key)
    figure = resource.get("cifra", [])
    if not (isinstance(figure, list) and all(one in names for one in figure)):
        yield say("«cifra» must be a list of fields of the table")
    if resource.get("attese", "righe") not in ASKED:
        yield say("«attese» is «{attese}»: write one of {asked}", attese=resource["attese"], asked=", ".join(ASKED))
    if not isinstance(resource.get("unita", ""), str):
        yield say("«unita» must be a text")
    keys = schema.get("foreignKeys", [])
    if not isinstance(keys, list) or not all(map(_is_reference, keys)):
        yield say("«foreignKeys» must be a list, each with «fields» and «reference»")


def _boundaries(resource: dict) -> Iterator[str]:
    if "confini" in resource:
        if not _is_inside(resource["confini"]):
            yield say("«confini» must name a GeoJSON file of the data folder")
        if resource.get("ruolo") != TERRITORIES:
            yield say("«confini» is for tables of the «ruolo» {role}", role=TERRITORIES)


def _is_inside(path: object) -> bool:
    """Whether it is the path of something within the data folder."""
    if not isinstance(path, str) or not path or "\\" in path or ":" in path:
        return False
    return not PurePosixPath(path).is_absolute() and ".." not in PurePosixPath(path).parts


#: The rules of rows, with the keys that each has; one in brackets may be left out. See
#: ``annuario.data.constraints`` and, in ``annuario.checks``, ``regular``, ``printed`` and ``series``.
RULES = {
    "vincoli": ("campo", "[dove]", "[tranne]", "[perche]", *(f"[{word}]" for word in CONSTRAINTS)),
    "determina": ("da", "campi"),
    "griglia": ("entro", "di", "[dove]"),
    "continui": ("entro", "di", "[dove]"),
    "numerati": ("campo", "entro"),
    "ordinati": ("entro",),
    "composti": ("campo", "di"),
    "crescenti": ("campi",),
    "anni": (), "date": (), "usati": (), "righe_intere": (), "stampati": (), "serie": (),
}  # fmt: skip
#: The fields that a rule counts on beside those that it names.
RESTS_ON = {
    "anni": ("edizione", "anno"),
    "continui": ("edizione", "anno"),
    "date": ("anno",),
    "ordinati": ("fonte",),
    "righe_intere": ("fonte",),
    "stampati": ("fonte",),
}


def _rules(table: dict, tables: dict[str, dict]) -> Iterator[str]:
    rules = table.get("regole", {})
    if not isinstance(rules, dict):
        yield say("must hold rules by their names")
        return
    for rule, told in rules.items():
        for field in RESTS_ON.get(rule, ()):
            if field not in _names(table):
                yield say("«{rule}» needs the field «{field}»", rule=rule, field=field)
        if rule not in RULES:
            close = get_close_matches(rule, RULES, 1)
            meant = (
                say("did you mean «{close}»?", close=close[0])
                if close
                else say("the rules are {rules}", rules=", ".join(RULES))
            )
            yield say("there is no rule «{rule}»: {meant}", rule=rule, meant=meant)
        elif RULES[rule]:
            for one in told if isinstance(told, list) else [None]:
                yield from (f"«{rule}»: {problem}" for problem in _rule(one, RULES[rule], table, tables))
        elif rule == "anni":
            if not (isinstance(told, dict) and all(map(_is_range, told.values()))):
                yield say(
                    "«anni» must give each book the first and the last year, counted from the edition's, as [-2, 0]"
                )
        elif rule == "serie":
            if not isinstance(told, bool):
                yield say("«serie» must be true or false")
        elif rule == "righe_intere":
            if not isinstance(told, bool):
                yield from (f"«{rule}»: {problem}" for problem in _where(told, table, tables))
        elif rule == "usati":
            schema = table.get("schema")
            if not (isinstance(schema, dict) and schema.get("primaryKey")):
                yield say("«usati» needs a «primaryKey», which names the code")
            for user in told if isinstance(told, list) else [told]:
                name, _, field = str(user).partition(".")
                if field not in _names(tables.get(name.lower(), {})):
                    yield say("«usati» must list fields of tables, as «tabella.campo»: «{user}» is none", user=user)
        else:
            yield from (f"«{rule}»: {problem}" for problem in _known(told, table, tables))


#: What the rule of small numbers may hold; see ``annuario.checks.confidential``.
CONFIDENTIAL = ("soglia", "campi", "dove", "con", "somme")


def _confidential(table: dict, tables: dict[str, dict]) -> Iterator[str]:
    if "riservatezza" not in table:
        return
    rule = table["riservatezza"]
    if not isinstance(rule, dict) or not {"soglia"} <= set(rule) <= set(CONFIDENTIAL):
        yield say("must give «soglia», and nothing but {keys}", keys=", ".join(CONFIDENTIAL))
        return
    if type(rule["soglia"]) not in (int, float) or rule["soglia"] <= 1:
        yield say("«soglia» must be a number above 1: what is below it is not told")
    fields = rule.get("campi", ["valore"])
    yield from (f"«campi»: {problem}" for problem in _known(fields, table, {}))
    types = {field.get("name"): field.get("type") for field in _fields(table)}
    if isinstance(fields, list) and (not fields or types.get(fields[0]) not in ("number", "integer")):
        yield say("the first of «campi» must be the field with the number")
    for key in ("dove", "con"):
        yield from (f"«{key}»: {problem}" for problem in _where(rule.get(key, {}), table, tables))
    sums = rule.get("somme", [])
    for one in sums if isinstance(sums, list) else [None]:
        if not isinstance(one, dict) or not {"campo", "totale"} <= set(one) <= {"campo", "totale", "parti"}:
            yield say(
                "«somme» must be a list, each with «campo» and «totale», and «parti» where they are not all the others"
            )
        else:
            yield from (f"«somme»: {problem}" for problem in _known([one["campo"]], table, tables))
            if not isinstance(one.get("parti", []), list):
                yield say("«somme»: «parti» must be a list")


def _rule(rule: object, keys: tuple[str, ...], table: dict, tables: dict[str, dict]) -> Iterator[str]:
    needed, allowed = [key for key in keys if key[0] != "["], [key.strip("[]") for key in keys]
    if not isinstance(rule, dict) or not set(needed) <= set(rule) <= set(allowed):
        yield say(
            "must be a list of rules, each with {needed} and nothing but {allowed}",
            needed=", ".join(needed),
            allowed=", ".join(allowed),
        )
        return
    for key, told in rule.items():
        if key in ("dove", "tranne"):
            yield from _where(told, table, tables)
        elif key in ("da", "campi", "entro", "di", "campo"):
            yield from _known([told] if key == "campo" else told, table, tables)
        elif key == "pattern" and not _is_pattern(told):
            yield say("«pattern» is not a regular expression")
        elif key in ("minimum", "maximum"):
            types = {field.get("name"): field.get("type") for field in _fields(table)}
            if type(told) not in (int, float) or types.get(rule["campo"]) not in ("number", "integer"):
                yield say(
                    "«{key}» must be a number, and the field «{campo}» one of numbers", key=key, campo=rule["campo"]
                )
        elif key == "enum" and not isinstance(told, list):
            yield say("«enum» must be a list")


def _where(told: object, table: dict, tables: dict[str, dict]) -> Iterator[str]:
    if not isinstance(told, dict) or not all(isinstance(values, list) for values in told.values()):
        yield say("the rows must be chosen by fields with lists of values")
    else:
        yield from _known(list(told), table, tables)


def _known(told: object, table: dict, tables: dict[str, dict]) -> Iterator[str]:
    """What is wrong with a list of fields, which may be those of a table referred to: «campo.campo»."""
    if not isinstance(told, list):
        yield say("fields must be a list")
        return
    for field in told:
        own, _, far = str(field).partition(".")
        other = next((key["reference"]["resource"] for key in _references(table) if own in _listed(key["fields"])), "")
        if own not in _names(table) or (far and far not in _names(tables.get(other.lower(), {}))):
            yield say("«{field}» is no field of the table, nor of one that it refers to", field=field)


def _references(table: dict) -> list[dict]:
    schema = table.get("schema")
    keys = schema.get("foreignKeys", []) if isinstance(schema, dict) else []
    return [key for key in keys if _is_reference(key)] if isinstance(keys, list) else []


def _is_range(told: object) -> bool:
    return isinstance(told, list) and [type(year) for year in told] == [int, int] and told[0] <= told[1]


def _fields(resource: dict) -> list[dict]:
    schema = resource.get("schema")
    fields = schema.get("fields") if isinstance(schema, dict) else None
    return [field for field in fields if isinstance(field, dict)] if isinstance(fields, list) else []


def _names(resource: dict) -> list[str]:
    return [str(field.get("name")) for field in _fields(resource)]


def _is_pattern(pattern: object) -> bool:
    if not isinstance(pattern, str):
        return False
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def _listed(named: str | list) -> list:
    return [named] if isinstance(named, str) else named


def _is_reference(key: object) -> bool:
    if not isinstance(key, dict):
        return False
    reference = key.get("reference")
    return isinstance(reference, dict) and "fields" in key and isinstance(reference.get("resource"), str)
