"""A release that waits for people, and the people."""

from typing import Any, NamedTuple

from tests.support.policies import Document, countersigned
from tests.support.world import Sent, World, result

ACKNOWLEDGED = ["limits"]
REVIEW = "business-review"


class Desk(NamedTuple):
    """A tested release under `countersigned`, its owners `mia` and `ben`, and `lee`, who may waive."""

    world: World
    subject: str
    path: str
    mia: str
    """Secret of a model owner."""
    ben: str
    """Secret of a business owner."""
    lee: str

    def listed(self) -> Document:
        answer = self.world.get(f"{self.path}/signoffs")
        assert answer.status_code == 200, answer.text
        found: Document = answer.json()
        return found

    def wanted(self, role: str, criterion: str = REVIEW) -> Document:
        """What is wanted of a role."""
        (found,) = [each for each in self.listed()["wanted"] if (each["role"], each["criterion"]) == (role, criterion)]
        return dict(found)

    def covers(self, role: str) -> str:
        return str(self.wanted(role)["covers"])

    def send(self, token: str, role: str, verdict: str = "approve", **more: Any) -> Sent:
        """Sign, with every acknowledgement, whatever comes of it."""
        acknowledged = ACKNOWLEDGED if verdict == "approve" else []
        headers = more.pop("headers", {})
        body = {"role": role, "verdict": verdict, "acknowledged": acknowledged} | more
        return self.world.post(f"{self.path}/signoffs", body, token=token, headers=headers)

    def sign(self, token: str, role: str, verdict: str = "approve", **more: Any) -> Document:
        """Sign, and be heard."""
        answer = self.send(token, role, verdict, **more)
        assert answer.status_code == 201, answer.text
        signed: Document = answer.json()
        return signed

    def both(self) -> tuple[Document, Document]:
        """Both owners approve."""
        return self.sign(self.mia, "model-owner"), self.sign(self.ben, "business-owner")

    def withdraw(self, token: str, signoff: str, reason: str = "signed in error") -> Sent:
        return self.world.post(f"{self.path}/signoffs/{signoff}/withdrawal", {"reason": reason}, token=token)

    def review(self, path: str | None = None, **query: str) -> Document:
        """What the decision says of the owners' approval."""
        return result(self.world.decision(path or self.path, **query), REVIEW)

    def state(self, signoff: str) -> tuple[str, list[Document]]:
        """What has become of one, and what changed."""
        (item,) = [each for each in self.listed()["items"] if each["id"] == signoff]
        return item["state"], item["changed"]


def desk(world: World, subject: str = "model-x", **changes: Any) -> Desk:
    """Made anew in an org, a minute ago; `changes`: of the sign-off that the policy asks for."""
    now = world.clock()
    world.clock.forward(minutes=-1)
    world.publish(countersigned(**changes))
    world.subject(subject, policy="countersigned@^1")
    path = world.release(subject)
    world.cleared(path)
    mia, ben = (world.own(name, "read", "signoffs:write") for name in ("mia", "ben"))
    lee = world.own("lee", "read", "waivers:write")
    world.role("mia", "model-owner")
    world.role("ben", "business-owner", team="risk")
    world.clock.now = now
    return Desk(world, subject, path, mia, ben, lee)
