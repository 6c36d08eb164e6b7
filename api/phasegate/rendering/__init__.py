"""Documents for people: a policy as the finished checklist, a decision as the team's review document."""
