"""Which place of the navigation a page belongs to."""

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


class PlaceNode(template.Node):
    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        context["place"] = self.nodelist.render(context).strip()
        return mark_safe("")


@register.tag
def place(parser: Parser, token: Token) -> PlaceNode:
    """Keep what stands between {% place %} and {% endplace %} in the variable `place`; print nothing."""
    nodelist = parser.parse(("endplace",))
    parser.delete_first_token()
    return PlaceNode(nodelist)
