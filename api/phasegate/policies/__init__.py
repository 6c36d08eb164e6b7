"""Policy files: text in, a compiled policy out; every fault with its line."""
