"""A copy of the tables with some files changed, to see what would be wrong with them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from annuario.data.package import Package


@contextmanager
def changed(package: Package, files: Mapping[Path, bytes]) -> Iterator[Package]:
    """A package in a folder of its own, which is gone afterwards, where some of the files have another content.

    Hidden files, such as those by which editors lock others, are left out.

    >>> with changed(esempio, {esempio.path("indicatori"): b"altro"}) as copy:
    ...     copy.path("indicatori").read_text(), copy.path("edizioni").is_file(), copy.folder == esempio.folder
    ('altro', True, False)
    """
    with tempfile.TemporaryDirectory(prefix="annuario-") as there:
        folder = Path(there) / package.folder.name
        hidden = shutil.ignore_patterns(".*")
        shutil.copytree(package.folder, folder, ignore=hidden, ignore_dangling_symlinks=True)
        for path, content in files.items():
            (folder / path.relative_to(package.folder)).write_bytes(content)
        yield Package(folder, package.own)
