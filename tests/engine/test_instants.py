"""Instants and lengths of time: reading, writing, and the one rule for ends."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from phasegate.engine.instants import end_of, in_force, parse_instant, parse_length, rfc3339, spoken

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-23T12:00:00Z", NOON),
        ("2026-11-23t12:00:00z", NOON),
        ("2026-11-23T12:00:00+00:00", NOON),
        ("2026-11-23T12:00:00-00:00", NOON),
        ("2026-11-23T13:30:00+01:30", NOON),
        ("2026-11-22T23:00:00-13:00", NOON),
        ("2026-11-23T12:00:00.5Z", NOON + timedelta(milliseconds=500)),
        ("2026-11-23T12:00:00.000001Z", NOON + timedelta(microseconds=1)),
        ("2026-11-23T12:00:00.123456789Z", NOON + timedelta(microseconds=123456)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59.999999Z", datetime.max.replace(tzinfo=UTC)),
        ("2028-02-29T00:00:00Z", datetime(2028, 2, 29, tzinfo=UTC)),
    ],
)
def test_an_rfc_3339_instant_is_read(text: str, instant: datetime) -> None:
    read = parse_instant(text)
    assert read == instant
    assert read.utcoffset() == timedelta()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-23",
        "2026-11-23T12:00:00",
        "2026-11-23 12:00:00Z",
        "2026-11-23T12:00Z",
        "2026-11-23T12:00:00.Z",
        "2026-11-23T12:00:00,5Z",
        "2026-11-23T12:00:00Z\n",
        " 2026-11-23T12:00:00Z",
        "20261123T120000Z",
        "2026-327T12:00:00Z",
        "\uff12\uff10\uff12\uff16-11-23T12:00:00Z",
        "1774267200",
        "2026-02-30T00:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T12:60:00Z",
        "2026-11-23T23:59:60Z",
        "2026-11-23T12:00:00+24:00",
        "2026-11-23T12:00:00+05:60",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    ],
)
def test_what_is_no_rfc_3339_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an RFC 3339 instant|does not exist"):
        parse_instant(text)


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (NOON, "2026-11-23T12:00:00Z"),
        (NOON.replace(microsecond=500_000), "2026-11-23T12:00:00.5Z"),
        (NOON.replace(microsecond=10), "2026-11-23T12:00:00.00001Z"),
        (NOON.astimezone(timezone(timedelta(hours=-5))), "2026-11-23T12:00:00Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
        (datetime.max.replace(tzinfo=UTC), "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_an_instant_is_written_in_utc_without_trailing_zeros(instant: datetime, text: str) -> None:
    assert rfc3339(instant) == text
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("P90D", timedelta(days=90)),
        ("PT1H", timedelta(hours=1)),
        ("PT90M", timedelta(minutes=90)),
        ("PT0.5S", timedelta(milliseconds=500)),
        ("P1DT2H3M4S", timedelta(days=1, hours=2, minutes=3, seconds=4)),
    ],
)
def test_a_length_of_time_is_read(text: str, length: timedelta) -> None:
    assert parse_length(text) == length


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1Y", "P1M", "P1W", "P1DT", "90", "1 day", "P1D ", "PT1H1H", "PT1M1H", "P99999999999D", "P1D\n"],
)
def test_months_years_and_nonsense_are_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match="is not a length of time in days, hours, minutes and seconds"):
        parse_length(text)


def test_in_force_from_the_first_instant_and_no_longer_at_the_end() -> None:
    moment = timedelta(microseconds=1)
    end = NOON + timedelta(hours=1)
    assert not in_force(NOON, end, NOON - moment)
    assert in_force(NOON, end, NOON)
    assert in_force(NOON, end, end - moment)
    assert not in_force(NOON, end, end)
    assert in_force(NOON, None, datetime.max.replace(tzinfo=UTC))
    assert not in_force(NOON, NOON, NOON)


def test_an_end_past_the_last_year_never_comes() -> None:
    assert end_of(NOON, None) is None
    assert end_of(NOON, timedelta(days=7)) == NOON + timedelta(days=7)
    assert end_of(datetime.max.replace(tzinfo=UTC), timedelta(microseconds=1)) is None
    assert end_of(NOON, timedelta(days=999_999_999)) is None


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(days=7), "7 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(seconds=30), "30 seconds"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(milliseconds=500), "0.5 seconds"),
        (timedelta(days=14, seconds=1), "1209601 seconds"),
    ],
)
def test_a_length_of_time_is_spoken_exactly(length: timedelta, words: str) -> None:
    assert spoken(length) == words
