"""The declaration of the tables, ``datapackage.json``, as far as Annuario counts on it.

What else the standard asks is frictionless's to check (``annuario.validate``).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from annuario.errors import BookError
from annuario.roles import EDITIONS

#: The fields without which nobody knows which editions there are.
NEEDED = {EDITIONS: ("edizione", "libro", "anno")}


def read(path: Path) -> dict:
    """The parsed declaration.

    Raises BookError with a line for each problem, naming table and field.
    """
    try:
        descriptor = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_each_once)
    except OSError as error:
        raise BookError(f"{path}: cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:
        raise BookError(f"{path}: cannot be read as JSON ({error}).") from error
    problems = [f"{path}: {problem}." for problem in _problems(descriptor)]
    if problems:
        raise BookError("\n".join(problems))
    return descriptor


def _each_once(pairs: list[tuple[str, object]]) -> dict:
    for key, count in Counter(key for key, _ in pairs).items():
        if count > 1:
            raise ValueError(f"«{key}» stands twice")
    return dict(pairs)


def _problems(descriptor: object) -> Iterator[str]:
    if not isinstance(descriptor, dict) or not isinstance(descriptor.get("resources"), list):
        yield "declares no tables: write them as a list under «resources»"
        return
    tables: dict[str, dict] = {}
    for number, resource in enumerate(descriptor["resources"], 1):
        name = resource.get("name") if isinstance(resource, dict) else None
        if not isinstance(name, str) or not re.fullmatch(r"\w[\w.-]*", name):
            yield f"table {number} has no «name» of letters, digits, hyphens and underscores"
        elif name.lower() in tables:
            yield f"two tables are called «{name}»: rename one"
        else:
            tables[name.lower()] = resource
            for problem in _of_table(resource):
                yield f"table «{name}»: {problem}"
    for role, fields in NEEDED.items():
        name, table = next(((name, table) for name, table in tables.items() if table.get("ruolo") == role), (role, None))
        if table is None:
            yield f"no table has the «ruolo» {role}: declare the one that names the published editions"
        elif missing := [field for field in fields if field not in _names(table)]:
            yield f"table «{name}»: the field «{missing[0]}» is missing"


def _of_table(resource: dict) -> Iterator[str]:
    path = resource.get("path")
    if not isinstance(path, str) or not path:
        yield "has no «path»: name its file"
    elif "\\" in path or ":" in path or PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        yield f"«path» {path} is not a file of the data folder"
    schema = resource.get("schema")
    if not isinstance(schema, dict) or not isinstance(schema.get("fields"), list) or not schema["fields"]:
        yield "has no «schema» with a list of «fields»"
        return
    for number, field in enumerate(schema["fields"], 1):
        if not isinstance(field, dict) or not all(isinstance(field.get(key), str) and field[key] for key in ("name", "type")):
            yield f"field {number} has no «name» or no «type»"
        elif not isinstance(field.get("constraints", {}), dict):
            yield f"«constraints» of the field «{field['name']}» must hold keys and values"
    names = _names(resource)
    for name in sorted(name for name, count in Counter(names).items() if count > 1):
        yield f"two fields are called «{name}»"
    for key, named in (("primaryKey", schema.get("primaryKey")), ("vintage", resource.get("vintage"))):
        if named is not None and not (isinstance(named, (str, list)) and all(one in names for one in _listed(named))):
            yield f"«{key}» must name fields of the table"
    keys = schema.get("foreignKeys", [])
    if not isinstance(keys, list) or not all(map(_is_reference, keys)):
        yield "«foreignKeys» must be a list, each with «fields» and «reference»"


def _names(resource: dict) -> list[str]:
    schema = resource.get("schema")
    fields = schema.get("fields") if isinstance(schema, dict) else None
    return [str(field.get("name")) for field in fields if isinstance(field, dict)] if isinstance(fields, list) else []


def _listed(named: str | list) -> list:
    return [named] if isinstance(named, str) else named


def _is_reference(key: object) -> bool:
    reference = key.get("reference") if isinstance(key, dict) else None
    return isinstance(reference, dict) and "fields" in key and isinstance(reference.get("resource"), str)
