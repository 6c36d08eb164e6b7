"""What `Accept` asks for, of a decision's forms."""

import time

import pytest

from phasegate.http.accept import best

JSON, MARKDOWN, HTML = "application/json", "text/markdown", "text/html"
OFFERED = (JSON, MARKDOWN, HTML)


@pytest.mark.parametrize(
    ("accept", "found"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("text/html,application/xhtml+xml,*/*;q=0.8", HTML),
        ("text/*", MARKDOWN),
        ("application/json;q=0.5, text/markdown", MARKDOWN),
        ("application/json;q=0, */*", MARKDOWN),
        ("application/*", JSON),
        ("TEXT/HTML", HTML),
        ("text/html;level=1;q=0.2, text/markdown ; q=0.1", HTML),
        ("text/*;q=0.9, text/html;q=0.1", MARKDOWN),
        ("image/png", None),
        ("*/*;q=0", None),
        ("application/vnd.in-toto+json", None),
    ],
)
def test_the_highest_weight_then_the_closest_then_the_first(accept: str, found: str | None) -> None:
    assert best(accept, OFFERED) == found


@pytest.mark.parametrize("accept", ["/", "text", "a b/c", "text/html;;;=", 'text/html;a="', ",,", "text/html\x00"])
def test_a_malformed_one_asks_for_nothing(accept: str) -> None:
    assert best(accept, OFFERED) == JSON


@pytest.mark.parametrize("weight", ["inf", "nan", "1e400", "-1", "2", "", "9" * 5_000])
def test_a_weight_that_is_none_is_passed_over(weight: str) -> None:
    assert best(f"text/html;q={weight}", OFFERED) in (JSON, HTML)


@pytest.mark.parametrize("tail", [";a=b", ";q=1", " ;", '; x="a"', "; "])
def test_a_long_one_takes_no_time(tail: str) -> None:
    started = time.perf_counter()
    best("text/html" + tail * 15_000, OFFERED)
    assert time.perf_counter() - started < 1
