from landbureau.web.models import SavedView
from tests.urlwalk import UrlCase, World


def own_view(world: World) -> tuple[int]:
    return (SavedView.objects.create(user=world.right, page="audit:entries", name="我的", query="q=1").pk,)


CASES = [
    UrlCase("web:theme", public=True, method="post", data={"theme": "dark"}, right_status=302),
    UrlCase(
        "web:save_view",
        method="post",
        data={"page": "audit:entries", "name": "本周", "query": "q=1"},
        right_status=302,
    ),
    UrlCase("web:rename_view", args=own_view, method="post", data={"name": "下周"}, right_status=302),
    UrlCase("web:delete_view", args=own_view, method="post", right_status=302),
]
