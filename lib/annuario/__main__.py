"""``python -m annuario``."""

from annuario.cli import main

main(prog_name="annuario")
