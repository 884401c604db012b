"""What QTI 2.1 asks of a file, as far as we write it: our own rules, made from the published specification.

For each element: the attributes it must and may have, and the children it takes, in order, as a pattern of their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"
_INLINE = "(em|strong|code|a|br|span|textEntryInteraction|inlineChoiceInteraction)"
_BLOCK = "(p|div|ul|ol|pre|blockquote|table|hr|h2|h3|h4|h5|h6)"
_BODY = f"({_BLOCK}|rubricBlock|choiceInteraction|orderInteraction|matchInteraction|extendedTextInteraction)"
_FLOW = f"({_INLINE}|{_BLOCK})*"
_VALUE = "(baseValue|correct|variable|mapResponse|match|equal|equalRounded|or|sum|product|multiple)"
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")

# name: (attributes that must be there, those that may, children)
RULES: dict[str, tuple[str, str, str]] = {
    "assessmentItem": (
        "identifier title adaptive timeDependent",
        "toolName",
        "(responseDeclaration)*(outcomeDeclaration)*(itemBody)?(responseProcessing)?(modalFeedback)*",
    ),
    "responseDeclaration": ("identifier cardinality baseType", "", "(correctResponse)?(mapping)?"),
    "correctResponse": ("", "", "(value)+"),
    "defaultValue": ("", "", "(value)+"),
    "value": ("", "", ""),
    "mapping": ("", "lowerBound upperBound defaultValue", "(mapEntry)+"),
    "mapEntry": ("mapKey mappedValue", "caseSensitive", ""),
    "outcomeDeclaration": ("identifier cardinality baseType", "normalMaximum", "(defaultValue)?"),
    "itemBody": ("", "class", f"{_BODY}*"),
    "rubricBlock": ("view", "", f"{_BLOCK}*"),
    "choiceInteraction": ("responseIdentifier shuffle maxChoices", "", "(prompt)?(simpleChoice)+"),
    "orderInteraction": ("responseIdentifier shuffle", "", "(prompt)?(simpleChoice)+"),
    "simpleChoice": ("identifier", "", _FLOW),
    "matchInteraction": ("responseIdentifier shuffle maxAssociations", "", "(simpleMatchSet){2}"),
    "simpleMatchSet": ("", "", "(simpleAssociableChoice)*"),
    "simpleAssociableChoice": ("identifier matchMax", "", _FLOW),
    "textEntryInteraction": ("responseIdentifier", "expectedLength", ""),
    "extendedTextInteraction": ("responseIdentifier", "expectedLines", ""),
    "inlineChoiceInteraction": ("responseIdentifier shuffle", "", "(inlineChoice)+"),
    "inlineChoice": ("identifier", "", ""),
    "responseProcessing": ("", "template", "(responseCondition|setOutcomeValue)*"),
    "responseCondition": ("", "", "(responseIf)(responseElseIf)*(responseElse)?"),
    "responseIf": ("", "", f"{_VALUE}(setOutcomeValue|responseCondition)*"),
    "setOutcomeValue": ("identifier", "", _VALUE),
    "baseValue": ("baseType", "", ""),
    "correct": ("identifier", "", ""),
    "variable": ("identifier", "", ""),
    "mapResponse": ("identifier", "", ""),
    "match": ("", "", f"{_VALUE}{{2}}"),
    "equal": ("toleranceMode", "tolerance", f"{_VALUE}{{2}}"),
    "equalRounded": ("roundingMode figures", "", f"{_VALUE}{{2}}"),
    "or": ("", "", f"{_VALUE}+"),
    "sum": ("", "", f"{_VALUE}+"),
    "product": ("", "", f"{_VALUE}+"),
    "multiple": ("", "", f"{_VALUE}*"),
    "modalFeedback": ("outcomeIdentifier identifier showHide", "title", _FLOW),
    "assessmentTest": ("identifier title", "toolName", "(outcomeDeclaration)*(testPart)+"),
    "testPart": ("identifier navigationMode submissionMode", "", "(assessmentSection)+"),
    "assessmentSection": ("identifier title visible", "", "(assessmentSection|assessmentItemRef)*"),
    "assessmentItemRef": ("identifier href", "", "(weight)*"),
    "weight": ("identifier value", "", ""),
    **dict.fromkeys(
        ("p", "h2", "h3", "h4", "h5", "h6", "em", "strong", "code", "span", "pre"),
        ("", "class", f"{_INLINE}*"),
    ),
    "a": ("href", "class", f"{_INLINE}*"),
    **dict.fromkeys(("br", "hr"), ("", "class", "")),
    **dict.fromkeys(("div", "li", "td", "th"), ("", "class", _FLOW)),
    "blockquote": ("", "class", f"{_BLOCK}*"),
    **dict.fromkeys(("ul", "ol"), ("", "class", "(li)*")),
    "table": ("", "class", "(thead)?(tbody)*"),
    **dict.fromkeys(("thead", "tbody"), ("", "class", "(tr)+")),
    "tr": ("", "class", "(th|td)+"),
}


def faults(root: etree._Element) -> Iterator[str]:
    """What is wrong with an item or a test."""
    for element in root.iter(etree.Element):
        yield from _faults(element)
    yield from _wrong_names(root)


def _faults(element: etree._Element) -> Iterator[str]:
    name = str(element.tag).removeprefix(QTI)
    if name not in RULES:
        yield f"{name} is no element that we write"
        return
    must, may, children = RULES[name]
    for attribute in set(must.split()) - set(element.attrib):
        yield f"{name} lacks {attribute}"
    for attribute in set(map(str, element.attrib)) - {*must.split(), *may.split()}:
        yield f"{name} takes no {attribute}"
    found = "".join(f"<{str(child.tag).removeprefix(QTI)}>" for child in element)
    if not re.fullmatch(re.sub(r"[A-Za-z][A-Za-z0-9]*", r"<\g<0>>", children), found):
        yield f"{name} does not take {found}"


def _wrong_names(root: etree._Element) -> Iterator[str]:
    declared = {
        one.get("identifier") for one in root.iter(f"{QTI}responseDeclaration", f"{QTI}outcomeDeclaration")
    }
    for element in root.iter(etree.Element):
        for attribute in ("identifier", "responseIdentifier", "outcomeIdentifier"):
            if (said := element.get(attribute)) and not _IDENTIFIER.fullmatch(said):
                yield f"{said} is no identifier"
        name = str(element.tag).removeprefix(QTI)
        used = (
            element.get("responseIdentifier")
            or element.get("outcomeIdentifier")
            or (
                element.get("identifier")
                if name in ("variable", "correct", "mapResponse", "setOutcomeValue")
                else None
            )
        )
        if used and used not in declared:
            yield f"{used} is used and not declared"
    for parent in root.iter(etree.Element):
        named = [
            one.get("identifier") for one in parent if one.get("identifier") and "Outcome" not in str(one.tag)
        ]
        is_list = str(parent.tag).removeprefix(QTI).endswith(("Interaction", "Set", "Section", "testPart"))
        if is_list and len(named) != len(set(named)):
            yield f"{parent.tag} has an identifier twice"
