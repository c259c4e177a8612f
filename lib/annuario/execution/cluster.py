"""Chapters run on a Dask cluster: the same results, the same cache.

Workers need this package (with the ``dask`` extra), not a shared disk: what a chapter
needs travels with its task. Dask runs a chapter again where its worker is lost.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from annuario.errors import BookError, ChapterError
from annuario.execution import execute
from annuario.execution.cache import SKIPPED
from annuario.messages import say
from annuario.project import CONFIG


def pack(root: Path) -> bytes:
    """What any chapter may need, as a zip: the configuration, and all that stands in ``data`` and ``notebooks``."""
    found = [path for folder in ("data", "notebooks") for path in sorted((root / folder).rglob("*")) if path.is_file()]
    files = [root / CONFIG, *(path for path in found if not SKIPPED.intersection(path.parts))]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(root).as_posix())
    return buffer.getvalue()


def chapter(packed: bytes, source: str, edition: str, texts: str) -> dict:
    """On a worker: unpack, execute the notebook ``source``, return it as plain data.

    Paths are relative to the project's root. Raises ChapterError, which names them so.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            archive.extractall(root)
        try:
            return execute.chapter(root / source, edition, root, root / texts)
        except ChapterError as error:
            raise ChapterError(str(error).replace(f"{root}/", "")) from None


@contextmanager
def submitter(address: str, root: Path, texts: Path, edition: str) -> Iterator[execute.Submit]:
    """Starts chapters on the cluster whose scheduler is at ``address`` (``tcp://host:port``).

    Raises BookError where the scheduler does not answer or Dask is not installed.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise BookError(say("--scheduler needs Dask: install the extra with «pip install annuario[dask]».")) from error
    try:
        client = Client(address, timeout=10, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:  # TypeError: no certificates for tls://
        raise BookError(
            say("--scheduler {address}: no Dask scheduler answers there ({error}).", address=address, error=error)
        ) from error
    with client:
        packed = client.scatter(pack(root), broadcast=True, hash=False)
        pool = client.get_executor(pure=False, retries=2)
        place = texts.relative_to(root).as_posix()
        yield lambda path: pool.submit(chapter, packed, path.relative_to(root).as_posix(), edition, place)
