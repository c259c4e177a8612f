"""The quadrature: golden checks with the real numbers, every verdict, broken totals, coverage of the inventory."""

import csv
import json
import re
from collections import defaultdict
from decimal import Decimal

import pandas as pd
import pytest
from conftest import INVENTORY

from annuario import checks
from annuario.checks import identities, rows, sums
from annuario.checks.facts import Facts
from annuario.checks.rows import EXACT, HOURS, PRINTED, ROUNDED, Number
from annuario.data.package import Package, _Table
from annuario.data.value import resting
from annuario.errors import BookError, CheckError
from cremasca import facts, table_checks

VERDICTS = {checks.HOLDS, checks.ROUNDING, checks.FAILS, checks.BASIS, checks.INCOMPLETE}


@pytest.fixture(scope="module")
def results(package):
    return checks.run(package)


@pytest.fixture(scope="module")
def by_id(results):
    return results.set_index("id")


# id, expected, found, verdict; the numbers are those printed at the lines that the row names
GOLDEN = [
    # 633 + 240 = 873, relazione-2021:579-583
    ("tm-flussi/in-carico-anno/relazione-2021/2019", "873", "873", checks.HOLDS),
    # 576 + 199 − 105 = 670, printed 676; the provvedimenti add up to 670 as well
    ("tm-flussi/saldo/relazione-2021/2020", "670", "676", checks.FAILS),
    ("somme/tm-provvedimenti/valore/relazione-2021/2020", "670", "676", checks.FAILS),
    # 753 + 318 − 191 = 880, printed 879
    ("tm-flussi/saldo/relazione-2025/2025", "880", "879", checks.FAILS),
    # the table of sub-ambiti leaves out the 81 without residence, relazione-2025:1128
    ("tm-subambiti/righe/relazione-2025/2025", "798", "879", checks.INCOMPLETE),
    ("tm-subambiti/con-senza-residenza/relazione-2025/2025", "879", "879", checks.HOLDS),
    # 5 of 8 Comuni are 62,5%, printed 63
    ("adesioni/saap/bagnolo/relazione-2021/2019", "63", "63", checks.HOLDS),
    # 40 + 7 … the hours 231.909,96 are 231.910 in the table of indicators
    ("accreditati/saap/ore/relazione-2021/2021", "231909.96", "231910.00", checks.ROUNDING),
    # 33.465,63 hours: 139.969,28 for 139.967,28 is no rounding
    ("accreditati/saap/ore/relazione-2021/2020", "139967.28", "139969.28", checks.FAILS),
    ("sub-ambiti/saap/costo/relazione-2021/2021", "4592578.12", "4592578.12", checks.HOLDS),
    # money: one cent is one cent
    ("sub-ambiti/saap/costo/relazione-2021/2020", "2781479.79", "2781479.78", checks.FAILS),
    ("sub-ambiti/adm/ore/relazione-2021/2021", "19134.07", "19134.08", checks.ROUNDING),
    ("risultato/avanzo/relazione-2021/2021", "2606554.88", "2606554.88", checks.HOLDS),
    ("risultato/avanzo/relazione-2025/2025", "4104792.11", "4104792.10", checks.FAILS),
    # 329.993,01 / 660.956,59 = 49,927%, printed 49,92
    ("tfr/copertura/relazione-2025/2025", "49.93", "49.92", checks.FAILS),
    ("tfr/copertura/relazione-2021/2021", "31", "31", checks.HOLDS),
    # the pro capite of the social spending is itself rounded: 101,4553 or 101,4518
    ("gestione/erogazione-pro-capite/relazione-2025/2025", "101.46", "101.45", checks.ROUNDING),
    # 16.812,79 printed without its first digit
    ("fondi/progetti-ambito/relazione-2021/2021", "720333.23", "730333.23", checks.FAILS),
    ("fondi-ricavi/proximity/relazione-2021/2021", "6812.79", "16812.79", checks.FAILS),
    ("fondi-ricavi/comuni/relazione-2025/2025", "10627009.21", "10640596.79", checks.BASIS),
    # 10.000,00 − 5.522,00: the next row's consuntivo
    ("avanzo/consulenze-rtd/relazione-2021/2021", "1245.28", "4478.00", checks.FAILS),
    ("schede/misure/preventivo/relazione-2021/2021", "1997598.73", "2003241.19", checks.INCOMPLETE),
    ("schede/po2020-05/preventivo/piano-2020/2020", "6643674.94", "6323674.94", checks.FAILS),
    ("schede/po2020-05/preventivo/fsr/piano-2020/2020", "589000.00", None, checks.INCOMPLETE),
    # the cell reads «#####»
    ("canali/cdd-servizio/piano-2020/2020", "250000.00", "550000.00", checks.INCOMPLETE),
    ("ricavi/somma/piano-2021/2021", "10598164.61", "10498164.61", checks.FAILS),
    ("entrate-canali/fnps/piano-2020/2020", "655000.00", "655000.00", checks.HOLDS),
    ("riepilogo/area/preventivo/piano-2021/2023", "13178304.17", "13178304.17", checks.HOLDS),
    ("previsione-consuntivo/fsol/relazione-2021/2021", "814105.00", "814105.00", checks.HOLDS),
    ("confronto-piani/po2020-14/piano-2021/2020", "0", "722500.00", checks.BASIS),
    ("obiettivi/media/raggiunti/relazione-2021/2021", "71.74", "71.74", checks.HOLDS),
    ("obiettivi/strategici/somma/relazione-2021/2021", "100.00", "99.99", checks.ROUNDING),
    ("pis/quota-msna/relazione-2025/2025", "75", "74", checks.FAILS),
    ("colonne/rsa-accordo/relazione-2021/2020", "4", "5", checks.FAILS),
    ("sst/ore-2021/relazione-2025/2023", "36366.00", "36366.00", checks.FAILS),
    ("numerazione/figure/ripetuti/relazione-2021/2021", "0", "1", checks.FAILS),
    ("etichette/numero/outsiders/relazione-2021/2021", "6", "7", checks.FAILS),
]


@pytest.mark.parametrize(("check", "expected", "found", "verdict"), GOLDEN)
def test_golden_checks(by_id, check, expected, found, verdict):
    one = by_id.loc[check]
    assert one["esito"] == verdict
    assert one["atteso"] == Decimal(expected)
    assert one["trovato"] == (None if found is None else Decimal(found))
    assert one["differenza"] == (None if found is None else Decimal(found) - Decimal(expected))


def test_both_sides_of_a_check_rest_on_rows_of_the_data(results):
    """The page tells of each where it comes from."""
    sums = results[results["id"].str.startswith("somme/")]
    assert all(resting([one]) for side in ("atteso", "trovato") for one in sums[side] if one is not None)


def test_every_row_is_whole(results):
    assert list(results.columns) == checks.COLUMNS
    assert results["id"].is_unique
    assert set(results["esito"]) <= VERDICTS
    assert results["id"].str.fullmatch(r"[a-z0-9-]+(/[a-z0-9-]+)+/(relazione|piano)-\d{4}/\d{4}").all()
    where = r"(relazione|piano)-\d{4}:[\d,-]+"
    assert results["dove"].str.fullmatch(rf"{where}(; {where})*").all()
    numbers = results[["atteso", "trovato", "differenza"]].stack()
    assert all(isinstance(number, Decimal) for number in numbers.dropna())


@pytest.mark.parametrize(
    ("expected", "found", "rule", "relation", "verdict"),
    [
        ("10.00", "10.00", EXACT, "=", checks.HOLDS),
        ("10.00", "10.01", EXACT, "=", checks.FAILS),
        ("62.5", "63", PRINTED, "=", checks.HOLDS),
        ("62.49", "63", PRINTED, "=", checks.FAILS),
        ("49.927", "49.93", PRINTED, "=", checks.HOLDS),
        ("100.00", "99.99", ROUNDED, "=", checks.ROUNDING),
        ("100.00", "99.98", ROUNDED, "=", checks.FAILS),
        ("100.00", "100.40", ROUNDED, "=", checks.FAILS),
        ("27.25", "27.00", HOURS, "=", checks.ROUNDING),
        ("27.51", "27.00", HOURS, "=", checks.FAILS),
        ("27.25", "27.26", HOURS, "=", checks.ROUNDING),
        ("27.25", "27.27", HOURS, "=", checks.FAILS),
        ("5", "5", EXACT, "<=", checks.HOLDS),
        ("5", "6", EXACT, "<=", checks.FAILS),
        ("5", "4", EXACT, ">=", checks.FAILS),
        ("5", "5", EXACT, "!=", checks.FAILS),
    ],
)
def test_bounds_are_never_wide(expected, found, rule, relation, verdict):
    assert rows.verdict(Decimal(expected), Decimal(found), rule, relation)[1] == verdict


def test_lines_are_joined():
    assert rows.lines("relazione-2021:65;relazione-2021:66-68;relazione-2021:70") == "relazione-2021:65-68,70"
    assert rows.lines("piano-2021:1;relazione-2021:2") == "piano-2021:1; relazione-2021:2"


def test_a_total_is_the_sum_of_its_group():
    cells = [("a", 1, "1"), ("b", 2, "2"), ("totale", 4, "3")]
    frame = pd.DataFrame(
        [("relazione-2030", 2030, voce, Decimal(value), f"relazione-2030:{line}") for voce, value, line in cells],
        columns=["edizione", "anno", "voce", "valore", "fonte"],
    )
    (one,) = sums.totals(frame, "prova", "somma = totale", [], "voce").itertuples()
    assert (one.id, one.atteso, one.trovato, one.differenza) == ("prova/relazione-2030/2030", 3, 4, 1)
    assert (one.dove, one.esito) == ("relazione-2030:1-2; relazione-2030:3", checks.FAILS)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("tm-flussi/in-carico-01-01 + tm-flussi/nuovi-casi", "912"),
        ("tm-flussi/in-carico-31-12@-1", "676"),
        ("tm-flussi/in-carico-31-12@2019", "576"),
        ("piano-2021!entrate:fsol", "814105.00"),
        ("100 * ( tm-affidi/nuovi + tm-affidi/chiusi ) / 13", "100"),
        ("tm-flussi/inventata? + 1", "1"),
        ("rette-casi/* - rette-casi/totale", "0"),
        ("conta:sedute/cda", "14"),
    ],
)
def test_expressions(package, expression, value):
    assert identities.evaluate(expression, Facts(package, facts(package)), "relazione-2021", 2021).value == Decimal(
        value
    )


@pytest.mark.parametrize("expression", ["( 1 + 2", "1 +", "1 2", "a b", "1 + UNO", ""])
def test_malformed_expressions(package, expression):
    with pytest.raises(ValueError, match="not an expression") as found:
        identities.evaluate(expression, Facts(package, facts(package)), "relazione-2021", 2021)
    assert "pop" not in str(found.value)  # not Python's words


def test_no_declared_identity_is_idle(package):
    """Each one is asked of some edition; the texts it may need are in the data."""
    known = Facts(package, facts(package))
    idle = [one.id for one in identities.declared(package) if identities.check(known, [one]).empty]
    assert set(idle) <= WITHOUT_TEXT


@pytest.mark.parametrize(
    ("column", "new", "said"),
    [
        ("atteso", "tm-flusi/nuovi-casi", "did you mean «tm-flussi/nuovi-casi»"),
        ("trovato", "tm-flussi/nuovi-caso@-1 + 1", "did you mean «tm-flussi/nuovi-casi»"),
        ("noti", "zzzzzzzz/qqqqqqqq", "check the spelling"),
        ("arrotondati", "tm-flusi/nuovi-casi", "did you mean"),
    ],
)
def test_an_identity_of_a_code_that_nothing_has_is_refused(package, monkeypatch, column, new, said):
    """It would be asked of no edition, in silence."""
    table = package.read("identita")
    table.loc[0, column] = new
    monkeypatch.setattr(
        type(package), "read", lambda self, name: table if name == "identita" else self.indexed(name).frame.copy()
    )
    with pytest.raises(BookError, match="identita.csv, row 2, column «" + column) as error:
        checks.run(package)
    assert said in str(error.value)


def test_roundings_of_the_parts_are_followed():
    class Two:
        contexts = [("relazione-2030", 2030)]

        def __init__(self, share):
            self.share = share

        def get(self, edition, year, key):
            found = {"quota": self.share, "intero": "200", "parte": "25"}
            return Number(Decimal(found[key]), "relazione-2030:1")

        def replaced(self, edition, year, numbers):
            return Two(str(numbers["quota"].value))

    one = identities.Identity("prova", "", "quota * intero", "=", "parte", PRINTED, "", None, (), ("quota",))
    assert identities.check(Two("0.12"), [one])["esito"].item() == checks.ROUNDING  # 0,115–0,125 × 200 = 23–25
    assert identities.check(Two("0.11"), [one])["esito"].item() == checks.FAILS  # 21–23


# ------------------------------------------------------------------ discrepancies


def test_the_data_explain_every_failing_check(results, package):
    checks.require_explained(results, package)
    explained = checks.explained(results, package)
    failing = ~explained["esito"].isin([checks.HOLDS, checks.ROUNDING])
    assert (explained.loc[failing, "spiegazione"].str.len() > 20).all()
    said = explained.loc[failing, "valore_usato"] != ""
    assert (said == (explained.loc[failing, "stato"] == checks.ledger.PRINTED)).all()  # each has one state
    corrected = explained["stato"] == checks.ledger.SETTLED
    assert explained.loc[corrected, "esito_usati"].isin([checks.HOLDS, checks.INCOMPLETE, checks.FAILS]).all()
    assert (explained.loc[corrected, "esito_usati"] == checks.HOLDS).sum() > 25
    assert (explained.loc[~failing, ["spiegazione", "valore_usato"]] == "").all(axis=None)


def test_the_values_used_are_checked_once(package, monkeypatch):
    used = checks.on_used(package)
    monkeypatch.setattr(checks, "_run", None)
    again = checks.on_used(package)
    assert again.equals(used) and again is not used


def test_a_broken_total_fails_naming_lines_and_numbers(spoiled):
    spoiled("indicatori", "tm-provvedimenti/totale,tabella,749", "tm-provvedimenti/totale,tabella,750")
    package = Package(spoiled.folder)
    with pytest.raises(CheckError) as raised:
        checks.require_explained(checks.run(package), package)
    message = str(raised.value)
    assert "somme/tm-provvedimenti/valore/relazione-2021/2021" in message
    assert "relazione-2021:596-602; relazione-2021:603" in message
    assert "expected 749, found 750" in message
    assert "discrepanze.csv" in message
    assert raised.value.exit_code == 1


def test_a_broken_budget_line_fails_on_total_and_area(spoiled):
    spoiled("bilancio", "consuntivo,totale,50349.30", "consuntivo,totale,50349.31")
    package = Package(spoiled.folder)
    broken = r"schede/tm/consuntivo/relazione-2021/2021.*expected 444812.21, found 444812.20"
    with pytest.raises(CheckError, match=broken):
        checks.require_explained(checks.run(package), package)


def test_a_missing_row_fails(spoiled):
    path = spoiled.folder / "servizi_sub_ambito.csv"
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if "2021,saap,crema,costo" not in line]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    package = Package(spoiled.folder)
    with pytest.raises(CheckError, match="sub-ambiti/saap/costo/relazione-2021/2021"):
        checks.require_explained(checks.run(package), package)


def test_a_discrepancy_that_is_mended_is_reported(spoiled):
    spoiled("indicatori", "tm-flussi/casi-chiusi,tabella,191", "tm-flussi/casi-chiusi,tabella,192")
    package = Package(spoiled.folder)
    with pytest.raises(CheckError) as raised:
        checks.require_explained(checks.run(package), package)
    message = str(raised.value)
    assert "tm-flussi/saldo/relazione-2025/2025: recorded as «non torna», the check is now «torna»" in message
    assert "delete or update the row" in message


def test_a_discrepancy_without_its_check_is_reported(spoiled):
    path = spoiled.folder / "discrepanze.csv"
    header = path.read_text(encoding="utf-8").split("\n", 1)[0].split(",")
    invented = {"controllo": "prova/inventata/relazione-2021/2021", "edizione": "relazione-2021", "esito": "non torna"}
    with path.open("a", encoding="utf-8") as file:
        file.write(",".join(invented.get(column, "") for column in header) + "\n")
    package = Package(spoiled.folder)
    with pytest.raises(CheckError, match="prova/inventata/relazione-2021/2021: .*not made any more"):
        checks.require_explained(checks.run(package), package)


def test_a_changed_difference_is_reported(spoiled, results):
    """Where the differences are recorded, a broken total cannot hide behind an older discrepancy."""
    descriptor = spoiled.folder / "datapackage.json"
    declared = json.loads(descriptor.read_text(encoding="utf-8"))
    fields = next(one for one in declared["resources"] if one["name"] == "discrepanze")["schema"]["fields"]
    path = spoiled.folder / "discrepanze.csv"
    recorded = pd.read_csv(path, dtype=str, keep_default_na=False)
    if "differenza" not in recorded:
        fields.append({"name": "differenza", "type": "number"})
        descriptor.write_text(json.dumps(declared), encoding="utf-8")
        differences = recorded["controllo"].map(results.set_index("id")["differenza"])
        recorded["differenza"] = ["" if one is None else str(one) for one in differences]
        recorded.to_csv(path, index=False)
    package = Package(spoiled.folder)
    checks.require_explained(checks.run(package), package)
    spoiled("indicatori", "tm-flussi/in-carico-31-12,tabella,676", "tm-flussi/in-carico-31-12,tabella,675")
    package = Package(spoiled.folder)
    with pytest.raises(CheckError, match="tm-flussi/saldo/relazione-2021/2020: .*the difference is now 5"):
        checks.require_explained(checks.run(package), package)


def test_a_verdict_is_recorded_only_for_a_failing_check(spoiled):
    """«base diversa» and «testo incompleto» never hide a check that holds."""
    path = spoiled.folder / "discrepanze.csv"
    header = path.read_text(encoding="utf-8").split("\n", 1)[0].split(",")
    row = {"controllo": "risultato/avanzo/relazione-2021/2021", "edizione": "relazione-2021", "esito": "base diversa"}
    with path.open("a", encoding="utf-8") as file:
        file.write(",".join(row.get(column, "") for column in header) + "\n")
    package = Package(spoiled.folder)
    results = checks.run(package)
    assert results.set_index("id").at[row["controllo"], "esito"] == checks.HOLDS
    with pytest.raises(CheckError, match="recorded as «base diversa», the check is now «torna»"):
        checks.require_explained(results, package)


# ----------------------------------------------------------------------- coverage

#: Statements on headings that the data hold only once their titles are in ``testi_tabella``.
LEFT = {
    "numerazione paragrafi del quadro istituzionale a)-i) continua",
    "numerazione schede 1-5",
    "numerazione novità accreditamento 1-5 continua",
    "numerazione obiettivi strategici: senza ripetizioni",
    "piano occupazionale: anni nel titolo = anni nella didascalia",
}
WITHOUT_TEXT = {"piano-occupazionale/anni"}

#: Statements whose lines are not quite those that a check cites, and the checks that make them.
#: ``{n}`` and the like are groups of the pattern, a number with two digits; ``*`` stands for any end.
NAMED = {
    r"^(?P<s>SAAP|SAD|ADM|SIP): somma (?P<m>utenti|ore|cost)i? per sub-ambito": "sub-ambiti/{s}/{m}",
    r"^(?P<s>SAAP|SAD|ADM|SIP): costo orario dei sub-ambiti": "costo-orario/scarto/{s}",
    r"^Obiettivo (?P<n>\d+): PREVENTIVO 2020 del confronto": "stampe/po2020-{n}/preventivo",
    r"^sil: assunzioni dopo tirocinio": "sil/assunzioni-realta",
    r"^cpe: nuove aperture": "cpe/nuove-origine",
    r"^cpe: 6 nidi": "cpe/nuove-tipologia",
    r"^tm: sub-ambiti \+ fuori distretto \+ privi": "tm-subambiti/con-senza-residenza",
    r"^SMART BEAR: importo totale e": "progetti-edizioni/smart-bear/importo-totale "
    "progetti-edizioni/smart-bear/importo-finanziato",
    r"^Uscite \d+: sintesi": "risultato/uscite-ricavi risultato/uscite-aree",
    r"^Avanzo: sintesi": "risultato/avanzo-ricavi testo/risultato/avanzo",
    r"^Banca dell’Acqua: ricavi .* = importo progetto": "banca-acqua/consuntivo banca-acqua/progetto",
    r"^Dopo di Noi: fondi d’ambito 2021": "dopo-di-noi/preventivo-2018 fondi-ricavi/dopo-di-noi",
    r"somma voci = Totale avanzo finalizzato": "avanzo/somma/finalizzato",
    r"somma voci = Totale avanzo pre finalizzato 2026": "avanzo/somma/pre-finalizzato-1",
    r"somma voci = Totale avanzo pre finalizzato 2027": "avanzo/somma/pre-finalizzato-2",
    r"^OUTSIDERS: ricavi = 70%": "outsiders/quota-70",
    r"^confronto: somma PREVENTIVO|^pluriennale: somma obiettivi": "riepilogo/obiettivo/preventivo",
    r"^confronto 2020-2021: somma obiettivi «BUDGET": "riepilogo/obiettivo/preventivo",
    r"^pluriennale 2021-2023": "riepilogo/area/preventivo",
    r"^TOTALE BUDGET entrate = TOTALE PO": "ricavi/budget-uscite",
    r"^confronto OBIETTIVO (?P<n>\d+):": "confronto/variazione/po2020-{n}",
    r"^Obiettivo (?P<n>\d+): TOTALE PO 2020 della scheda": "confronto/scheda/po2020-{n}",
    r"^Obiettivo (?P<n>\d+): PREVENTIVO 2020 \(piano-2020\)": "confronto-piani/po2020-{n}",
    r"^budget 202\d: ": "confronto-piani/totale",
    r"^aree BUDGET 2020": "aree/budget-2020",
    r"^numerazione figure: numeri": "numerazione/figure/ripetuti numerazione/figure/mancanti",
    r"^progetti: avviati o presentati": "progetti/avviati",
    r"ogni riga PO 2020 = somma dei canali|righe in cui (PO|BUDGET) 202\d = somma": "canali/*",
    r"^FNPS 2020: somma dei totali": "entrate-canali/fnps",
    r"^FSOL 2020: somma dei totali": "entrate-canali/fsol",
    r"^FSR 2020: somma delle colonne": "entrate-canali/fsr",
    r"^COMUNI: somma": "entrate-canali/comuni",
    r"^ATS: somma": "entrate-canali/ats",
    r"^FNA: Ob\. 10": "entrate-canali/fna",
    r"^avanzo vincolato: somma": "entrate-canali/avanzo-vincolato",
    r"^avanzo non vincolato: somma": "entrate-canali/avanzo-non-vincolato",
    r"^avanzo Care Leavers: Ob": "entrate-canali/avanzo-care-leavers",
    r"^avanzo Fondo Povertà: Ob": "entrate-canali/avanzo-fondo-poverta",
    r"^avanzo Smart Bear: Ob": "entrate-canali/avanzo-smart-bear",
    r"^altri fondi: Ob": "entrate-canali/altri-fondi",
    r"^quota vincolata: |^quota fondi istituzionali vincolata: ": "fondi/quota-vincolata",
    r"^quota vincolata secondo le voci": "fondi/quota-vincolata-nominati",
    r"^GAP: progetti d’ambito presente": "fondi-ricavi/gap",
    r"^incidenza spesa per servizi .* / volume": "gestione/incidenza-servizi-implicita",
    r"^dopo di noi, albo": "accreditamento/istanze-dopo-di-noi",
    r"^tm: somma sub-ambiti \+ fuori distretto = in carico": "tm-subambiti/righe",
    r"^centro diurno: minori accolti nell’anno": "centro-diurno/accolti-collocati",
    r"^banca dell’acqua: nuovi percorsi": "banca-acqua/nuovi",
    r"^banca dell’acqua: valori prosa = tabella": "testo/banca-acqua/percorsi testo/banca-acqua/percorsi-conclusi "
    "testo/banca-acqua/debito-estinto testo/banca-acqua/proroghe testo/banca-acqua/richieste-attivazione "
    "testo/banca-acqua/richieste-senza-requisiti testo/banca-acqua/consulenze",
    r"^autismo: 63%": "autismo/variati",
    r"^assistenti familiari disponibili": "assistenti-familiari/disponibili",
    r"^fna minori: prestazioni dirette": "fna/minori-dirette",
    r"^fna: impegnato in prosa = FNA": "fna/impegnato",
    r"^fna: impegnato in prosa \(": "fna/impegnato-consuntivo",
    r"^adi: italiani": "adi/cittadinanza",
    r"^rsa: tempo medio": "rsa/attesa",
    r"^Fondo povertà 2025": "fondo-poverta/progetti-2022-2023 fondi-ricavi/fondo-poverta",
    r"^etichette di anno dei fondi": "etichette/anno/fnps etichette/anno/fsol etichette/anno/fsr",
    r"^dotazione riga 579: TI": "personale/contratti/operatori-amministrativi",
    r"^dotazione riga 579: tempo": "personale/orario/operatori-amministrativi",
    r"^dotazione riga 584: TI": "personale/contratti/assistenti-sociali",
    r"^dotazione riga 584: tempo": "personale/orario/assistenti-sociali",
    r"^Comuni: 41": "sst/comuni-ambito",
    r"^% AS a tempo determinato 2020": "personale/as-tempo-determinato-2020",
    r"^Fondo povertà 2021": "previsione-consuntivo/fondo-poverta",
    r"^FAMI 2021": "previsione-consuntivo/fami-lab-impact",
    r"^Fondi ATS 2021": "previsione-consuntivo/fondi-ats",
    r"^avanzo 2020 vincolato": "previsione-consuntivo/avanzo-vincolato/relazione-2021/2021",
    r"^avanzo 2020 non vincolato": "previsione-consuntivo/avanzo-non-vincolato/relazione-2021/2021",
    r"^totale: BUDGET 2021": "budget-preventivo/totale",
    r"^«SST fondo salvaguardia»": "budget-preventivo/qsfp-fondo-salvaguardia",
    r"^«Informatizzazione sede»": "budget-preventivo/informatizzazione-sede",
    r"^FSOL = 5 ×": "fsol/capitale/relazione-2021/2021 fsol/capitale/relazione-2025/2025",
    r"^numero Comuni dell’ambito": "comuni/piani/piano-2021/2006 comuni/relazione/relazione-2021/2021",
    r"^obiettivi Ufficio di Piano": "obiettivi-piano/ufficio-di-piano",
}


def _spans(text: str) -> list[set[int]]:
    spans = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        spans.append(set(range(int(first), int(last or first) + 1)))
    return spans


def _asked(statement: dict) -> dict[str, list[set[int]]]:
    """The lines that a statement of the inventory cites, by document."""
    if ":" not in statement["lines"]:
        return {statement["docs"]: _spans(statement["lines"])}
    parts = (part.strip().split(":") for part in statement["lines"].split(";"))
    return {document: _spans(lines) for document, lines in parts}


def _cited(where: str) -> dict[str, set[int]]:
    """The lines that a check cites, by document."""
    cited = defaultdict(set)
    for part in where.split("; "):
        document, _, lines = part.partition(":")
        cited[document].update(*_spans(lines))
    return cited


def _answers(cited: dict[str, set[int]], asked: dict[str, list[set[int]]]) -> bool:
    """Whether a check cites the lines of a statement: none else, and some third of each span of them."""
    return set(cited) == set(asked) and all(
        cited[document] <= set().union(*spans) and all(len(cited[document] & span) * 3 >= len(span) for span in spans)
        for document, spans in asked.items()
    )


def _years(statement: dict) -> list[set[int]]:
    """For each time that a statement is made, the years that a check of it may be about."""
    return [set(map(int, re.findall(r"\d{4}", part))) for part in statement["years"].split(";") if part.strip()]


def test_the_inventory_of_identities_is_covered(results, by_id):
    """Every statement has its check: by the very lines it cites, or by name.

    Two statements on the same lines and years need two different checks.
    """
    path = INVENTORY / "identities.csv"
    families = [
        (re.sub(r"/[a-z]+-\d{4}/\d{4}$", "", one.id), one.anno, _cited(one.dove)) for one in results.itertuples()
    ]
    with path.open(encoding="utf-8", newline="") as file:
        statements = list(csv.DictReader(file))
    groups = defaultdict(list)
    left = []
    for statement in statements:
        named = _named(statement["identity"])
        if not named:
            groups[statement["docs"], statement["lines"], statement["years"]].append(statement)
        elif not _has_named(statement, named, by_id.index, families):
            left.append(statement)
    for group in groups.values():
        asked, times = _asked(group[0]), _years(group[0])
        years = defaultdict(set)
        for family, year, cited in families:
            if _answers(cited, asked):
                years[family].add(year)
        whole = [family for family, found in years.items() if all(found & time for time in times)]
        left += group[len(whole) :]
    assert {statement["identity"] for statement in left} <= LEFT
    assert len(left) <= 6


def _named(identity: str) -> list[str]:
    """The checks that make a statement, where they are known by name."""
    for pattern, names in NAMED.items():
        match = re.search(pattern, identity)
        if match:
            parts = {key: text.lower().replace("cost", "costo") for key, text in match.groupdict("").items()}
            numbered = {key: text.zfill(2) if text.isdigit() else text for key, text in parts.items()}
            return names.format(**numbered).split()
    return []


def _has_named(statement: dict, names: list[str], ids: pd.Index, families: list) -> bool:
    """Whether the named checks are made, in each year of the statement where it names years."""
    documents, times = statement["docs"].split(";"), _years(statement) or [set()]
    for name in names:
        if name.endswith("*"):
            asked = _asked(statement)
            cited = [lines for family, _, lines in families if family.startswith(name[:-1])]
            if not all(any(lines.get(doc, set()) & span for lines in cited) for doc in asked for span in asked[doc]):
                return False
        elif name not in ids and not all(
            any(f"{name}/{doc}/{year}" in ids for doc in documents for year in time) for time in times
        ):
            return False
    return True


# ----------------------------------------------------------------- what may be missing


@pytest.fixture(scope="module")
def without(package):
    """A function (table, rows to leave out, values to put in) that makes the checks of the data so changed."""

    def run(name, left_out=(), values=()):
        changed = Package(package.folder)
        changed._tables = {table: package.indexed(table) for table in package.resources}
        frame = package.read(name).drop(index=list(left_out))
        for row, column, value in values:
            frame[column] = frame[column].astype(object)
            frame.at[row, column] = value
        changed._tables[name] = _Table(frame.reset_index(drop=True), [], package.path(name))
        results = ratios_and_services(changed)
        assert results["esito"].isin(VERDICTS).all()
        return results

    return run


def ratios_and_services(package):
    return pd.concat([*table_checks._services(package), *table_checks._people(package)])


@pytest.mark.parametrize("name", ["carichi_lavoro", "obiettivi_riepilogo", "servizi_sub_ambito"])
def test_a_row_less_is_a_check_less(package, without, name):
    """Each number in turn, of one edition and year: what needs it is not asked, or does not hold."""
    frame = package.read(name)
    last = frame[(frame["edizione"] == frame["edizione"].iloc[-1]) & (frame["anno"] == frame["anno"].iloc[-1])]
    by = "operatore" if "operatore" in frame else "servizio" if "servizio" in frame else "ambito"
    whole = len(without(name))
    for _, part in last.groupby(by, sort=False):
        for row in part.drop_duplicates("misura").index:
            assert len(without(name, [row])) <= whole


@pytest.mark.parametrize(
    "name", ["carichi_lavoro", "obiettivi_riepilogo", "obiettivi", "servizi_sub_ambito", "personale", "sub_ambiti"]
)
def test_nothing_at_all_is_no_mistake_of_the_checks(package, without, name):
    without(name, package.read(name).index)
    without(name, package.read(name).index[1:])


@pytest.mark.parametrize("value", [None, "0", "0.00", "-1", "999999999999999.999999"])
@pytest.mark.parametrize("name", ["carichi_lavoro", "obiettivi_riepilogo", "servizi_sub_ambito", "personale"])
def test_no_value_is_a_mistake_of_the_checks(package, without, name, value):
    frame = package.read(name)
    number = None if value is None else Decimal(value)
    for _, part in frame.groupby("misura", sort=False):
        without(name, values=[(part.index[-1], "valore", number)])
        without(name, values=[(row, "valore", number) for row in part.index])
