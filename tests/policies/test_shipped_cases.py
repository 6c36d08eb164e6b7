"""The cases of every shipped version that has some: all come out as expected, and together show all that can be."""

from pathlib import Path

import pytest

from phasegate.operations.cases import run
from phasegate.policies.cases.coverage import Coverage, possible
from phasegate.policies.cases.reading import read_cases
from phasegate.policies.publication import candidate
from phasegate.resources import POLICIES
from phasegate.shapes import catalogue

FOLDERS = sorted(folder.parent for folder in POLICIES.glob("*/*/cases"))


def test_a_version_with_cases_is_shipped() -> None:
    assert FOLDERS


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}@{folder.name}")
def test_the_cases_of_a_version(folder: Path) -> None:
    policy = candidate((folder / "policy.yaml").read_bytes(), catalogue()).compiled
    files = {file.name: file.read_bytes() for file in (folder / "cases").glob("*.yaml")}
    covered, failed = Coverage(), {}
    for ran in run(policy, read_cases(files, policy)):
        if ran.differences:
            failed[ran.case.name] = ran.differences
        covered.add(ran.observed)
    assert not failed
    assert list(covered.never(policy)) == []
    assert covered.share_of(possible(policy)).percent == 100.0
