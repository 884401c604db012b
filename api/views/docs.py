"""The schema, and the page that lets people read it and try it."""

from __future__ import annotations

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

schema = cache_control(max_age=300)(SpectacularAPIView.as_view())


# Swagger UI writes style attributes as it draws. This page alone allows them, and no inline script.
@method_decorator(csp_update({"style-src": [UNSAFE_INLINE]}), name="dispatch")
class Docs(SpectacularSwaggerSplitView):
    url_name = "api:schema"
    template_name = "api/docs.html"


docs = Docs.as_view()
