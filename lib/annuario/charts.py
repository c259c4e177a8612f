"""Charts of the book: one theme, one locale, and for each the words and data behind it.

Every function answers a question and takes a long frame, as ``annuario.data`` gives it:
``valore``; ``anno``; ``nome`` or else ``etichetta``, the label; ``unita``, unless the unit is
given; and the code that the caller names (``totale`` rows are the whole, never a bar).
``subject`` says what is measured, as an Italian noun phrase: it opens the alternative text.

Labels are printed here by ``annuario.numbers``, so that they are the same in every
renderer; only the axis leaves numbers to Vega, by our locale.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from textwrap import wrap

import altair as alt
import pandas as pd
import vl_convert

from annuario import numbers, phrases
from annuario.errors import BookError

FONT = "Source Sans 3, Source Sans Pro, Helvetica Neue, Arial, sans-serif"
ACCENT = "#0b5c6b"
INK = "#22313a"
MUTED = "#5b6870"
GRID = "#e3e7e9"
STATIC_WIDTH = 640
#: The one that JupyterLab draws; it reads version 6 specs too.
MIME = "application/vnd.vegalite.v5+json"

# Six hues that stay apart in the usual forms of colour blindness, 3:1 or more on white.
_HUES = ("#0b5c6b", "#d1660a", "#7b4fa3", "#3a86c8", "#8a5a00", "#c2408a", "#5d6b00", "#a02c2c")
GREY = "#767676"
SUB_AMBITI = dict(zip(("crema", "pandino", "castelleone", "soncino", "sergnano", "bagnolo"), _HUES))
AREE = dict(zip(("gestione-associata", "misure", "servizi-aziendali", "progettazione", "ufficio-di-piano"), _HUES))
SERVIZI = dict(zip(("saap", "sad", "adm", "sip", "aid", "cdd"), _HUES))
_COLORS = {**SERVIZI, **AREE, **SUB_AMBITI, "fuori-ambito": GREY, "senza-residenza": GREY}

_FIRST_YEAR, _LAST_YEAR = (0x6B, 0x9A, 0xA3), (0x0B, 0x4A, 0x57)

THEME = {
    "background": "#ffffff",
    "font": FONT,
    "locale": numbers.VEGA_LOCALE,
    "view": {"stroke": None},
    "mark": {"aria": False},
    "text": {"color": INK, "fontSize": 12},
    "axis": {
        "aria": False,
        "labelColor": INK,
        "labelFontSize": 12,
        "labelLimit": 0,
        "titleColor": MUTED,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domainColor": "#8a979e",
        "ticks": False,
        "labelPadding": 6,
    },
    "legend": {
        "aria": False,
        "labelColor": INK,
        "labelFontSize": 12,
        "labelLimit": 0,
        "title": None,
        "orient": "top",
        "symbolType": "square",
        "symbolStrokeWidth": 0,
    },
}
