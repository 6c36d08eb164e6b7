"""What is legal in a policy and senseless all the same."""
