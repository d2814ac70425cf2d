"""How each platform answers: its paths, and the shape of what it says."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.imitation.worlds import AIBOORU, ARTSTATION, DANBOORU, DEVIANTART, Person, Work, World, identifier, iso

PAGE = {ARTSTATION: 50, DEVIANTART: 24, DANBOORU: 200, AIBOORU: 200}


@dataclass(frozen=True)
class Answer:
    """A status, a body, and the posts that are in it."""

    status: int
    body: Any
    posts: tuple[str, ...] = ()


def answer(world: World, host: str, target: str, body: bytes) -> Answer:
    """Answer one request."""
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query))
    site = SITES.get(host)
    return Answer(404, {"error": "no such host"}) if site is None else site(world, host, parts.path, query)


def artstation(world: World, host: str, path: str, query: dict[str, str]) -> Answer:
    if found := re.fullmatch(r"/users/([^/]+)/(quick|projects|following|followers)\.json", path):
        person = world.find(host, unquote(found[1]))
        return _as_of_person(world, host, person, found[2], int(query.get("page", 1))) if person else NOTHING
    if found := re.fullmatch(r"/projects/s(\d+)\.json", path):
        pairs = [(p, work) for p in world.people[host] for work in p.works if work.number == int(found[1])]
        return Answer(200, _as_detail(*pairs[0])) if pairs and not pairs[0][0].gone else NOTHING
    if path == "/api/v2/csrf_protection/token.json":
        return Answer(200, {"public_csrf_token": "synthetic"})
    if path == "/api/v2/search/projects.json":
        return Answer(200, {"data": [_as_detail(p, p.works[0]) for p in world.people[host]][:50], "total_count": 50})
    return NOTHING


NOTHING = Answer(404, {"error": "not found"})


def _as_of_person(world: World, host: str, person: Person, what: str, page: int) -> Answer:
    if what == "quick":
        return Answer(200, _as_user(person))
    return _as_page(host, person, page) if what == "projects" else _as_people(world, host, page, without=person)


def _as_user(person: Person) -> dict[str, Any]:
    return {
        "id": person.number, "username": person.name, "full_name": person.name.title(), "is_artist": True,
        "followers_count": person.followers, "is_studio_account": person.kind == "studio",
        "albums_with_community_projects": [
            {"id": person.number * 2, "title": "All", "total_projects": len(person.works),
             "album_type": "all_projects"},
        ],
    }  # fmt: skip


def _as_page(host: str, person: Person, page: int) -> Answer:
    part = person.works[(page - 1) * PAGE[host] : page * PAGE[host]]
    rows = [_as_project(person, work) for work in part]
    return Answer(200, {"data": rows, "total_count": len(person.works)}, tuple(str(work.number) for work in part))


def _as_project(person: Person, work: Work) -> dict[str, Any]:
    return {
        "id": work.number, "user_id": person.number, "title": f"Study &amp; sketch {work.number}",
        "description": "<p>Synthetic</p>", "created_at": iso(work.published), "updated_at": iso(work.published),
        "published_at": iso(work.published), "likes_count": work.number % 90, "adult_content": False,
        "hash_id": f"s{work.number}", "permalink": f"https://www.artstation.com/artwork/s{work.number}",
        "cover": {"small_square_url": "https://cdn.example.invalid/s.jpg"},
        "icons": {"image": work.number % 5 > 0, "video": work.number % 5 == 0}, "assets_count": 1,
    }  # fmt: skip


def _as_detail(person: Person, work: Work) -> dict[str, Any]:
    return _as_project(person, work) | {
        "tags": [*work.tags, person.name], "visible": True, "software_items": [{"name": "Photoshop"}],
        "user": {"id": person.number, "username": person.name, "full_name": person.name.title()},
        "assets": [{"id": work.number * 10, "asset_type": "image", "image_url": "https://cdn.example.invalid/x.jpg"}],
    }  # fmt: skip


def _as_people(world: World, host: str, page: int, without: Person) -> Answer:
    people = [person for person in world.people[host] if person is not without]
    rows = [{"id": p.number, "username": p.name} for p in people[(page - 1) * 50 : page * 50]]
    return Answer(200, {"data": rows, "total_count": len(people)})


def deviantart(world: World, host: str, path: str, query: dict[str, str]) -> Answer:
    if path == "/oauth2/token":
        return Answer(200, {"access_token": "synthetic-token", "token_type": "Bearer", "expires_in": 3600})
    _, _, call = path.partition("/api/v1/oauth2")
    if call.startswith("/user/profile/"):
        person = world.find(host, unquote(call.rsplit("/", 1)[1]))
        return Answer(200, _da_profile(person)) if person else NO_USER
    if call == "/gallery/all":
        person = world.find(host, query["username"])
        return _da_page(host, person, query) if person else NO_USER
    if found := re.fullmatch(r"/deviation/([0-9A-Fa-f-]+)", call):
        for person in world.people[host]:
            for work in person.works:
                if identifier(host, work) == found[1] and not person.gone:
                    return Answer(200, _da_deviation(host, person, work))
    if call == "/browse/tags":
        rows = [_da_deviation(host, p, p.works[0]) for p in world.people[host]]
        return Answer(200, {"has_more": False, "next_offset": None, "results": rows})
    return Answer(404, {"error": "version_error", "error_description": "Api endpoint not found."})


NO_USER = Answer(400, {"error": "invalid_request", "error_description": "User not found.", "status": "error"})


def _da_user(person: Person) -> dict[str, Any]:
    return {"userid": f"AAAAAAAA-0000-0000-0000-{person.number:012d}", "username": person.name, "type": "regular"}


def _da_profile(person: Person) -> dict[str, Any]:
    return {
        "user": _da_user(person) | {"stats": {"watchers": person.followers, "friends": 17}}, "user_is_artist": True,
        "stats": {"user_deviations": len(person.works), "user_favourites": 5},
    }  # fmt: skip


def _da_page(host: str, person: Person, query: dict[str, str]) -> Answer:
    offset, limit = int(query.get("offset") or 0), int(query["limit"])
    part = person.works[offset : offset + limit]
    more = offset + limit < len(person.works)
    rows = [_da_deviation(host, person, work) for work in part]
    body = {"has_more": more, "next_offset": offset + limit if more else None, "results": rows}
    return Answer(200, body, tuple(identifier(host, work) for work in part))


def _da_deviation(host: str, person: Person, work: Work) -> dict[str, Any]:
    return {
        "deviationid": identifier(host, work), "title": f"Synthetic work {work.number}", "is_deleted": work.deleted,
        "url": f"https://www.deviantart.com/{person.name}/art/Synthetic-{work.number}", "is_published": True,
        "is_blocked": work.hidden, "author": _da_user(person), "is_mature": False, "is_downloadable": False,
        "stats": {"comments": 0, "favourites": work.number % 70},
        "published_time": str(int(work.published.timestamp())),
        "content": {"src": "https://images-wixmp-x.example.invalid/f.jpg", "height": 10, "width": 10, "filesize": 1},
    }  # fmt: skip


def booru(world: World, host: str, path: str, query: dict[str, str]) -> Answer:
    if path == "/posts.json":
        posts = _search(world, host, query.get("tags", ""))
        page, limit = query.get("page") or "", int(query.get("limit", 20))
        if page[:1] == "b":
            posts = [pair for pair in posts if pair[1].number < int(page[1:])]
        else:
            posts = posts[(int(page or 1) - 1) * limit :]
        part = posts[:limit]
        return Answer(200, [_post(host, p, work) for p, work in part], tuple(str(work.number) for _, work in part))
    if path == "/counts/posts.json":
        return Answer(200, {"counts": {"posts": len(_search(world, host, query.get("tags", "")))}})
    if path == "/tag_aliases.json":
        asked = query.get("search[antecedent_name]", "")
        found = [p for p in world.people[host] if asked in p.old_names]
        return Answer(200, [{"antecedent_name": asked, "consequent_name": p.name, "status": "active"} for p in found])
    if path == "/artists.json":
        at = int(query.get("page") or 1)
        rows = [{"id": p.number, "name": p.name, "is_deleted": p.gone, "is_banned": False} for p in world.people[host]]
        return Answer(200, rows[(at - 1) * 20 : at * 20])
    return Answer(404, {"success": False, "error": "ActiveRecord::RecordNotFound"})


def _search(world: World, host: str, tags: str) -> list[tuple[Person, Work]]:
    words = tags.split()
    names = [word for word in words if ":" not in word]
    found = [
        (person, work) for person in world.people[host] for work in person.works
        if all(name in (person.name, *person.old_names, *work.others) for name in names)
    ]  # fmt: skip
    for word in words:
        if word.startswith("date:"):
            first, _, last = word[5:].partition("..")
            found = [pair for pair in found if (not first or pair[1].published.date() >= date.fromisoformat(first))
                     and (not last or pair[1].published.date() <= date.fromisoformat(last))]  # fmt: skip
    return sorted(found, key=lambda pair: -pair[1].number)


def _post(host: str, person: Person, work: Work) -> dict[str, Any]:
    artists = " ".join((person.name, *work.others))
    said = {
        "id": work.number, "created_at": iso(work.published), "updated_at": iso(work.published), "uploader_id": 5,
        "source": f"https://twitter.com/{person.name}/status/1", "rating": "g", "image_width": 1200, "fav_count": 3,
        "file_ext": "png", "parent_id": None, "is_deleted": work.deleted, "is_banned": work.hidden,
        "tag_string": f"{artists} solo highres", "tag_string_general": "solo", "tag_string_character": "",
        "tag_string_copyright": "original", "tag_string_artist": artists, "tag_string_meta": "highres",
    }  # fmt: skip
    return said if work.hidden else said | {"file_url": f"https://cdn.example.invalid/original/{work.number}.png"}


SITES: dict[str, Callable[[World, str, str, dict[str, str]], Answer]] = {
    ARTSTATION: artstation, DEVIANTART: deviantart, DANBOORU: booru, AIBOORU: booru,
}  # fmt: skip
