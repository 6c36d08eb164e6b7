"""Who the caller is."""

from tests.support.world import World


class TestMe:
    def test_what_a_token_may_do(self, world: World) -> None:
        made = world.token("read", "evidence:write", subjects=("fraud-*", "churn"))
        found = world.get("/v1/me", token=made.secret).json()
        assert found == {
            "org": world.org,
            "principal": {"id": found["principal"]["id"], "kind": "tool"},
            "token": {
                "id": made.id,
                "scopes": ["evidence:write", "read"],
                "subjects": ["fraud-*", "churn"],
                "expires_at": "2027-06-03T12:00:00Z",
            },
            "roles": [],
        }
