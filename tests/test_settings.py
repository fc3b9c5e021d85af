"""Settings: where each value comes from, and the sentence when one is wrong."""

from pathlib import Path

import pytest

from ortool.errors import BadInput
from ortool.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _no_foreign_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ORTOOL_{name.upper()}", raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A settings file."""
    return tmp_path / "settings.toml"


def test_the_command_line_beats_the_variable_beats_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('site = "file"\nlate_minutes = 7\ntime_zone = "Europe/Amsterdam"\n')
    monkeypatch.setenv("ORTOOL_SITE", "variable")
    monkeypatch.setenv("ORTOOL_LATE_MINUTES", "9")
    found = load_settings({"site": "option", "late_minutes": None}, file)
    assert (found.site, found.late_minutes, found.time_zone) == ("option", 9, "Europe/Amsterdam")


def test_without_a_file_the_defaults_stand(file: Path) -> None:
    assert load_settings(path=file) == Settings()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("turnover_minute = 5", "did you mean 'turnover_minutes'"),
        ('time_zone = "Amsterdam"', "write for example Europe/Amsterdam"),
        ('time_zone = "../../etc/passwd"', "no IANA time zone"),
        ("rooms_per_surgeon = 0", "rooms_per_surgeon"),
        ('day_starts = "25:61"', "day_starts"),
        ('day_ends = "7:00"', "day_ends"),
        ("site = ", "cannot be read"),
        ('plan_priority_points = "400,200,100"', "five whole numbers for priority 1 to 5"),
        ('plan_priority_points = "100,200,100,50,25"', "cannot be worth more than one before it"),
        ("plan_idle_weight = nan", "plan_idle_weight: Input should be a finite number"),
        ("plan_idle_weight = -1", "plan_idle_weight: Input should be greater than or equal to 0"),
        ("plan_overtime_weight = inf", "plan_overtime_weight"),
        ("plan_room_change_points = 2.5", "plan_room_change_points"),
        ("plan_overdue_day_points = 10000", "plan_overdue_day_points: Input should be less than or equal to 9999"),
    ],
)
def test_a_wrong_line_is_named_with_its_file(file: Path, line: str, words: str) -> None:
    file.write_text(line)
    with pytest.raises(BadInput) as refused:
        load_settings(path=file)
    assert str(file) in str(refused.value)
    assert words in str(refused.value)


def test_a_wrong_variable_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORTOOL_LATE_MINUTES", "soon")
    with pytest.raises(BadInput, match="ORTOOL_LATE_MINUTES"):
        load_settings(path=file)


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_is_no_text_is_one_sentence(file: Path, content: bytes | None) -> None:
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(BadInput, match="cannot be read"):
        load_settings(path=file)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:////srv/or/day.db", Path("/srv/or/day.db")),
        ("sqlite:///day.db", Path("day.db")),
        ("sqlite:///~/day.db", Path.home() / "day.db"),
    ],
)
def test_a_database_url_names_a_file(url: str, path: Path) -> None:
    assert Settings(database_url=url).database_path == path


@pytest.mark.parametrize("url", ["postgresql://host/db", "day.db", "sqlite:///", "sqlite://day.db"])
def test_a_url_that_names_no_file_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        _ = Settings(database_url=url).database_path


def test_a_key_is_32_bytes_in_hex(file: Path) -> None:
    file.write_text("ab" * 32 + "\n")
    assert Settings(key_file=str(file)).key == bytes([0xAB]) * 32
    for wrong in ("ab" * 31, "not hex", ""):
        file.write_text(wrong)
        with pytest.raises(BadInput):
            _ = Settings(key_file=str(file)).key
    with pytest.raises(BadInput, match="cannot be read"):
        _ = Settings(key_file=str(file.parent / "absent")).key


def test_values_of_the_site_are_numbers_or_words(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('[site_values]\nprep-dry = "200 s"\neyes = 20\n')
    assert load_settings(path=file).site_values == {"prep-dry": "200 s", "eyes": 20}
    monkeypatch.setenv("ORTOOL_SITE_VALUES", "prep-dry=3 min, brace=no")
    assert load_settings(path=file).site_values == {"prep-dry": "3 min", "brace": "no"}


@pytest.mark.parametrize("text", ["prep-dry", "=5", "a=1,b"])
def test_a_value_of_the_site_needs_its_name(file: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("ORTOOL_SITE_VALUES", text)
    with pytest.raises(BadInput, match="write name=value"):
        load_settings(path=file)
