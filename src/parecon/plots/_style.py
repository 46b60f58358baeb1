"""What all pictures have in common: colours, sizes, axes, names that fit, files."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

from parecon._html import printable
from parecon.errors import FormatError, MissingDependencyError

SUFFIXES = (".png", ".svg", ".pdf")

# Okabe and Ito (2008): told apart by people of any colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
DASHES = ("-", "--", "-.", ":")
GREY = "#6E6E6E"
FAINT = "#E4E4E4"  # of grids
SIZE = (7.2, 4.0)  # inches, of one panel
_DPI = 150
_SALT = "parecon"  # of the names of clip paths and markers within an SVG, random without one
_NAME = 24  # letters of a name in a legend


def matplotlib() -> Any:
    """Return the module of figures. Raises MissingDependencyError without Matplotlib."""
    try:
        import matplotlib.figure as figure
    except ImportError as error:
        raise MissingDependencyError(
            "plots need matplotlib: pip install 'parecon[plot]'"
        ) from error
    return figure


def new_figure(height: float = SIZE[1], layout: str | None = "constrained") -> Any:
    """Return an empty figure of the usual width; height in inches."""
    return matplotlib().Figure(figsize=(SIZE[0], height), layout=layout)


def write(figure: Any, path: str | Path) -> None:
    """Write a figure as the suffix of the path says: .png, .svg or .pdf.

    Raises FormatError for another suffix, and OSError where no file can be written.
    """
    place = check(path)
    picture = rendered(figure, place.suffix.lower().removeprefix("."))
    place.write_bytes(picture)


def png(figure: Any) -> bytes:
    """Return a figure as a PNG picture."""
    return rendered(figure, "png")


def rendered(figure: Any, file_format: str, *, transparent: bool = False) -> bytes:
    """Return a figure as a file in memory."""
    from matplotlib import rc_context

    picture = io.BytesIO()
    # without the date and with names of our own in SVG, so that the same data give the same file
    metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(file_format)
    with rc_context({"svg.hashsalt": _SALT}), warnings.catch_warnings():
        # Names may have letters that Matplotlib's font lacks: they show as boxes, which is seen.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure.savefig(
            picture, format=file_format, dpi=_DPI, metadata=metadata, transparent=transparent
        )
    return picture.getvalue()


def check(path: str | Path) -> Path:
    """Return the path if a picture can be made there, so that nobody simulates in vain.

    Raises FormatError for a suffix that is not one of `SUFFIXES` or a folder that is not there,
    and MissingDependencyError without Matplotlib.
    """
    matplotlib()
    place = Path(path)
    if place.suffix.lower() not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise FormatError(f"{place}: expected the name of a picture to end in one of {known}")
    if not place.parent.is_dir():
        raise FormatError(f"{place}: there is no folder {place.parent}")
    return place


# -- panels ---------------------------------------------------------------------------------------


def line_style(k: int) -> dict[str, Any]:
    """Colour and dashes of the k-th line: distinct for 28 lines."""
    n = len(COLOURS)
    return {"color": COLOURS[k % n], "linestyle": DASHES[(k % n + k // n) % len(DASHES)]}


def plain(panel: Any) -> None:
    """No more ink than it takes."""
    panel.spines[["top", "right"]].set_visible(False)
    panel.grid(visible=True, which="major", color=FAINT, linewidth=0.7)
    panel.set_axisbelow(True)


def log_axis(axis: Any, set_scale: Any, low: float, high: float) -> None:
    """A logarithmic axis with plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    set_scale("log")
    digits = (1.0,) if high > 1e4 * low else (1.0, 2.0, 5.0)
    axis.set_major_locator(LogLocator(subs=digits, numticks=12))
    axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.6g}"))
    axis.set_minor_formatter(NullFormatter())


# -- words ----------------------------------------------------------------------------------------


def short(name: str, letters: int = _NAME) -> str:
    """A name as Matplotlib shows it: on one line, cut, and no mathematics.

    A label that begins with an underscore would be left out of the legend.
    """
    text = " ".join(printable(name).split())
    text = text if len(text) <= letters else text[: letters - 1] + "…"
    return ("\u200b" if text.startswith("_") else "") + text.replace("$", r"\$")


def percent(share: float) -> str:
    """A share > 0 with three digits."""
    return f"{100.0 * share:.3g} %" if share >= 1e-6 else f"{100.0 * share:.0e} %"
