"""Pages for people: log in, a release with its decision, a sign-off. Server-rendered; no script is needed.

They take a session's cookie and never a bearer token, as `/v1` takes tokens and never a cookie.
"""
