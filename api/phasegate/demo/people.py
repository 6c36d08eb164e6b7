"""The people of the story: who they are, and how they sign."""

from typing import NamedTuple

from phasegate.demo.page import Json, Page
from phasegate.demo.sending import CARD_GAINS, MODEL, OUTPUTS, PATH, Sender
from phasegate.demo.server import Api, Failed
from phasegate.demo.shown import criterion_of

ROLES = {"dana": "model-owner", "mia": "model-owner", "ben": "business-owner"}


class Person(NamedTuple):
    """Somebody with a token of his own."""

    name: str
    role: str
    api: Api

    def wanted(self, signoffs: str) -> Json:
        """The approval that is wanted in his role: what it covers, and the sentences to confirm."""
        found = [each for each in self.api.get(signoffs)["wanted"] if each["role"] == self.role]
        if len(found) != 1:
            raise Failed(f"{len(found)} approvals are wanted of a {self.role}, and should be one")
        return dict(found[0])

    def approval(self, wanted: Json) -> Json:
        """Of what was shown, with every sentence confirmed."""
        covers = {key: wanted[key] for key in ("role", "criterion", "covers")}
        return covers | {"verdict": "approve", "acknowledged": list(wanted["acknowledge"])}


def pipeline(admin: Api) -> Api:
    """The people, and the tool `ci`, which acts for its owner `dana`."""
    for name in ROLES:
        admin.send("PUT", f"/v1/people/{name}", {"display_name": name.title()})
    admin.send("PUT", "/v1/tools/ci", {"owner": "dana", "title": "the training pipeline"})
    scopes = ["read", "releases:write", "evidence:write"]
    return admin.of(admin.send("POST", "/v1/tokens", {"name": "ci", "principal": "ci", "scopes": scopes})["secret"])


def enrolled(admin: Api) -> tuple[Person, ...]:
    """Everybody, with a role from the administrator, and a token of his own for a code that is used once."""
    found = []
    for name, role in ROLES.items():
        admin.send("POST", f"/v1/people/{name}/roles", {"role": role, "reason": f"{role} of the model"})
        code = admin.send("POST", f"/v1/people/{name}/enrolment", {"scopes": ["read", "signoffs:write"]})["code"]
        secret = admin.of("").send("POST", "/v1/enrolment", {"code": code})["secret"]
        found.append(Person(name, role, admin.of(secret)))
    return tuple(found)


def sign_off(page: Page, people: tuple[Person, ...], sender: Sender, version: str) -> None:
    """Whoever had a hand in it may not approve; the others do, and one of them twice."""
    dana, mia, ben = people
    release = f"{PATH}/releases/{version}"
    signoffs = f"{release}/signoffs"
    page.say("The policy wants two people's approval: a model-owner's and a business-owner's.")
    page.say("dana and mia hold the one role, ben the other. Each got a token for a code that works once.")
    page.write("")
    refused = dana.api.refused(signoffs, dana.approval(dana.wanted(signoffs)))
    page.point("fail", f"dana approves, and is refused: {refused.detail}")
    wanted, seen_by_ben = mia.wanted(signoffs), ben.wanted(signoffs)
    _approve(page, mia, signoffs, wanted)
    records, sentences = {each["digest"] for each in wanted["covered"]}, wanted["acknowledge"]
    page.say(
        f"It covers {len(records)} records of evidence, and confirms {len(sentences)} sentences, "
        f'such as: "{sentences["limitations"]}"',
        5,
    )

    page.write("")
    page.say(f'Then ci sends another model card, which states one limit more: "{CARD_GAINS}"')
    page.write("")
    send_other_card(sender, version)
    review = criterion_of(mia.api.get(f"{release}/decision"), wanted["criterion"])
    void = [each["reason"] for each in review["signoffs"] if each["by"] == mia.name and not each["counts"]]
    if not void:
        raise Failed("mia's approval was to be void: the model card is another one")
    page.point("else", f"mia's approval is {void[0]}")
    refused = ben.api.refused(signoffs, ben.approval(seen_by_ben))
    page.point("fail", f"ben approves what he saw before, and is refused: {refused.detail}")
    for person in (mia, ben):
        _approve(page, person, signoffs, person.wanted(signoffs), "what stands now, ")


def send_other_card(sender: Sender, version: str) -> None:
    """The model card of the release, with one limit more."""
    card = next(each for each in MODEL if each.type == "model-card")
    before, limits, after = (OUTPUTS / "second" / card.file).read_text("utf-8").partition("Limitations\n")
    sender.file(version, card, f"{before}{limits}{CARD_GAINS} {after}".encode())


def _approve(page: Page, person: Person, signoffs: str, wanted: Json, what: str = "") -> None:
    signed = person.api.send("POST", signoffs, person.approval(wanted))
    page.point("satisfied", f"{signed['by']} approves {what}as {signed['role']}")
