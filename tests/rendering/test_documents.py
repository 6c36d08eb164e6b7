"""What holds for every document: sound HTML, one style, nothing fetched, the same bytes again."""

import base64
import re
from hashlib import sha256
from itertools import pairwise

import pytest
from jinja2 import UndefinedError

from phasegate.engine.gate import decide
from phasegate.rendering.documents import CONTENT_SECURITY_POLICY, MEDIA_TYPES, STYLE, document
from tests.policies import golden
from tests.rendering.pages import Page, markdown_page
from tests.rendering.samples import Sample, sample

DOCUMENTS = ("checklist", "review")


def shipped() -> Sample:
    facts, at = golden.facts(golden.green())
    return Sample(golden.policy(), facts, decide(golden.policy(), facts, "launch", at))


@pytest.fixture(scope="module", params=["shipped", "sample"])
def of(request: pytest.FixtureRequest) -> Sample:
    return shipped() if request.param == "shipped" else sample()


@pytest.mark.parametrize("name", DOCUMENTS)
class TestHtml:
    @pytest.fixture
    def content(self, of: Sample, name: str) -> str:
        return of.both("html")[name]

    @pytest.fixture
    def page(self, content: str) -> Page:
        return Page(content)

    def test_it_is_well_formed(self, content: str, page: Page) -> None:
        assert content.startswith("<!doctype html>\n")
        assert page.faults == []

    def test_language_title_and_landmarks(self, page: Page) -> None:
        assert page.all("html")[0].attributes["lang"] == "en"
        assert len(page.all("title")) == len(page.all("main")) == len(page.all("header")) == 1
        assert page.all("meta")[0].attributes == {"charset": "utf-8"}
        assert page.all("a")[0].attributes["href"] == "#main"

    def test_headings_are_in_order(self, page: Page) -> None:
        levels = [level for level, _ in page.headings]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert all(text.strip() for _, text in page.headings)

    def test_links_and_labels_lead_somewhere(self, page: Page) -> None:
        ids = [each.attributes["id"] for each in page.elements if "id" in each.attributes]
        assert len(set(ids)) == len(ids)
        for each in page.elements:
            target = each.attributes.get("href", "")
            if target.startswith("#"):
                assert target[1:] in ids
            if label := each.attributes.get("aria-labelledby"):
                assert label in ids

    def test_tables_say_what_their_cells_are_of(self, page: Page) -> None:
        assert all(each.attributes.get("scope") in ("col", "row", "rowgroup") for each in page.all("th"))
        assert len(page.all("thead")) == len(page.all("table")) > 0

    def test_nothing_runs_and_nothing_is_fetched(self, page: Page) -> None:
        assert not {"script", "link", "img", "iframe", "form", "object", "base"} & set(page.form)
        for each in page.elements:
            assert not [key for key in each.attributes if key.startswith("on") or key in ("style", "src", "srcset")]
        assert "url(" not in page.style
        assert "@import" not in page.style

    def test_the_style_is_the_one_that_the_policy_lets_through(self, page: Page) -> None:
        digest = base64.b64encode(sha256(page.style.encode()).digest()).decode()
        (stated,) = [each for each in page.all("meta") if "http-equiv" in each.attributes]
        assert f"style-src 'sha256-{digest}'" in CONTENT_SECURITY_POLICY
        assert stated.attributes["content"] == CONTENT_SECURITY_POLICY.removesuffix("; frame-ancestors 'none'")
        assert "unsafe" not in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("name", DOCUMENTS)
class TestMarkdown:
    @pytest.fixture
    def content(self, of: Sample, name: str) -> str:
        return of.both("markdown")[name]

    def test_headings_are_in_order(self, content: str) -> None:
        levels = [level for level, _ in Page(f"<div>{markdown_page(content)}</div>").headings]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))

    def test_it_holds_no_raw_html_and_no_idle_lines(self, content: str) -> None:
        assert "\n\n\n" not in content
        assert content.endswith("\n")
        assert not content.startswith("\n")
        assert not [line for line in content.split("\n") if line != line.rstrip()]

    def test_links_to_headings_lead_somewhere(self, content: str) -> None:
        targets = re.findall(r"\]\(#([^)]*)\)", content)
        headings = {
            re.sub(r"[^\w\- ]", "", text.lower()).strip().replace(" ", "-")
            for _, text in Page(f"<div>{markdown_page(content)}</div>").headings
        }
        assert set(targets) <= headings
        assert bool(targets) == ("checklist" in content.split("\n## ")[2])


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_the_same_again_gives_the_same_bytes(form: str) -> None:
    first, again = (Sample(*shipped()).both(form) for _ in range(2))  # type: ignore[arg-type]
    assert first == again


@pytest.mark.parametrize("form", MEDIA_TYPES.values())
def test_a_template_that_shows_what_is_not_there_fails(form: str) -> None:
    with pytest.raises(UndefinedError):
        document("checklist", form, title="x")  # type: ignore[arg-type]


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})\b", block))


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("where", ["light", "dark", "print"])
def test_every_colour_can_be_read(where: str) -> None:
    """WCAG 2.2, 1.4.3: text against its background at least 4.5 : 1."""
    blocks = re.findall(r":root \{([^}]*)\}", STYLE)
    colours = _colours(dict(zip(("light", "dark", "print"), blocks, strict=True))[where])
    words = [name for name in colours if name not in ("paper", "panel", "line")]
    assert len(words) == 7
    for name in words:
        for ground in ("paper", "panel"):
            assert _contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
