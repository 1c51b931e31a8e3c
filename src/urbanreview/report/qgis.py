"""Layer styles as QGIS reads them: QML documents made from a few plain choices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from urbanreview.report.ink import class_colours, class_labels

MILLIMETRES = "MM"


@dataclass(frozen=True, slots=True)
class Style:
    """How a layer is drawn.

    Attributes
    ----------
    geometry : {"polygon", "point", "line"}
    fill, outline : str
        Colours as ``#rrggbb``; an empty fill draws outlines only.
    outline_mm, size_mm : float
        Widths on paper.
    opacity : float
    label : str
        Column whose text is printed; empty for none.
    classed_by : str
        Column that the fill depends on; empty for one fill.
    breaks : sequence of float
        Inner class limits of that column.
    least, most : float
        Outer class limits.
    aliases : mapping of str to str
        Headings of the columns.
    is_dashed : bool
        Whether the outline of polygons is.
    """

    geometry: str
    fill: str
    outline: str
    outline_mm: float = 0.2
    size_mm: float = 2.0
    opacity: float = 1.0
    label: str = ""
    classed_by: str = ""
    breaks: Sequence[float] = ()
    least: float = 0.0
    most: float = 0.0
    aliases: Mapping[str, str] = field(default_factory=dict)
    is_dashed: bool = False


def qml(style: Style) -> str:
    r"""Return the QML document of a style.

    >>> document = ET.fromstring(qml(Style("polygon", fill="#b5271e", outline="#ffffff", label="name")).split("\n", 1)[1])
    >>> document.tag, document.find("renderer-v2").get("type"), document.find(".//text-style").get("fieldName")
    ('qgis', 'singleSymbol', 'name')
    """
    categories = "Symbology|Labeling|Fields"
    root = ET.Element("qgis", version="3.28.0", styleCategories=categories, labelsEnabled="1" if style.label else "0")
    root.append(_graduated(style) if style.classed_by else _single(style))
    if style.label:
        root.append(_labels(style))
    aliases = ET.SubElement(root, "aliases")
    for index, (column, heading) in enumerate(style.aliases.items(), start=1):
        ET.SubElement(aliases, "alias", index=str(index), field=column, name=heading)
    ET.SubElement(root, "layerOpacity").text = f"{style.opacity:g}"
    ET.SubElement(root, "layerGeometryType").text = {"point": "0", "line": "1", "polygon": "2"}[style.geometry]
    ET.indent(root)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode")


def _rgba(colour: str) -> str:
    return ",".join(str(part) for part in bytes.fromhex(colour.removeprefix("#"))) + ",255"


def _single(style: Style) -> ET.Element:
    renderer = ET.Element("renderer-v2", type="singleSymbol", symbollevels="0", forceraster="0", enableorderby="0")
    ET.SubElement(renderer, "symbols").append(_symbol(style, "0", style.fill))
    return renderer


def _graduated(style: Style) -> ET.Element:
    renderer = ET.Element(
        "renderer-v2", type="graduatedSymbol", attr=style.classed_by, graduatedMethod="GraduatedColor",
        symbollevels="0", forceraster="0", enableorderby="0",
    )  # fmt: skip
    limits = [min(style.least, *style.breaks, 0.0), *style.breaks, max(style.most, *style.breaks, 0.0)]
    ranges, symbols = ET.SubElement(renderer, "ranges"), ET.SubElement(renderer, "symbols")
    colours, labels = class_colours(len(limits) - 1), class_labels(style.breaks)
    for number, (colour, label) in enumerate(zip(colours, labels, strict=True)):
        lower, upper = limits[number], limits[number + 1]
        ET.SubElement(
            ranges, "range", symbol=str(number), lower=f"{lower:.15f}", upper=f"{upper:.15f}", label=label, render="true"
        )
        symbols.append(_symbol(style, str(number), colour))
    ET.SubElement(renderer, "source-symbol").append(_symbol(style, "0", colours[0]))
    ET.SubElement(renderer, "classificationMethod", id="Custom")
    return renderer


def _symbol(style: Style, name: str, fill: str) -> ET.Element:
    kind = {"polygon": "fill", "point": "marker", "line": "line"}[style.geometry]
    symbol = ET.Element("symbol", type=kind, name=name, alpha="1", clip_to_extent="1", force_rhr="0")
    layer_class = {"polygon": "SimpleFill", "point": "SimpleMarker", "line": "SimpleLine"}[style.geometry]
    layer = ET.SubElement(symbol, "layer", {"class": layer_class, "enabled": "1", "locked": "0", "pass": "0"})
    properties = {
        "color": _rgba(fill) if fill else "255,255,255,0",
        "style": "solid" if fill else "no",
        "outline_color": _rgba(style.outline),
        "outline_style": "dash" if style.is_dashed else "solid",
        "outline_width": f"{style.outline_mm:g}",
        "outline_width_unit": MILLIMETRES,
    }
    if style.geometry == "line":
        width = {"line_width": f"{style.outline_mm:g}", "line_width_unit": MILLIMETRES}
        properties = {"line_color": _rgba(style.outline), "line_style": "solid", "capstyle": "round", **width}
    if style.geometry == "point":
        properties |= {"name": "circle", "size": f"{style.size_mm:g}", "size_unit": MILLIMETRES}
    options = ET.SubElement(layer, "Option", type="Map")
    for key, value in properties.items():
        ET.SubElement(options, "Option", type="QString", name=key, value=value)
    for key, value in properties.items():  # what QGIS before 3.18 reads
        ET.SubElement(layer, "prop", k=key, v=value)
    return symbol


def _labels(style: Style) -> ET.Element:
    labeling = ET.Element("labeling", type="simple")
    settings = ET.SubElement(labeling, "settings", calloutType="simple")
    text = ET.SubElement(
        settings, "text-style", fieldName=style.label, isExpression="0", fontSize="8", fontSizeUnit="Point",
        textColor="20,30,45,255", textOpacity="1", namedStyle="Regular",
    )  # fmt: skip
    ET.SubElement(
        text, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits=MILLIMETRES, bufferColor="255,255,255,255"
    )
    around_point, over_polygon = "6", "0"
    ET.SubElement(settings, "placement", placement=over_polygon if style.geometry == "polygon" else around_point, dist="1")
    ET.SubElement(settings, "rendering", displayAll="0", obstacle="1", scaleVisibility="0")
    return labeling
