"""The Python of Comunità Sociale Cremasca: what the chapters show, subject by subject, and the checks of its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from annuario.book.indicators import Entry
    from annuario.checks.facts import Fact
    from annuario.data import Package

# The interface that annuario.agency describes; the modules are imported only where they are asked for.


def checks(package: Package) -> list[pd.DataFrame]:
    """The checks of the tables that need code; see ``cremasca.table_checks``."""
    from cremasca import table_checks

    return table_checks.checks(package)


def facts(package: Package) -> Iterator[Fact]:
    """The numbers that identities name beside the indicators; see ``cremasca.table_facts``."""
    from cremasca import table_facts

    return table_facts.facts(package)


def entries(package: Package) -> dict[str, Entry]:
    """The measures by sub-ambito as entries of the index."""
    from cremasca import sub_ambiti

    return sub_ambiti.entries(package)
