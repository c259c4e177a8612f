"""``python -m annuario``."""

from annuario.cli import main

if __name__ == "__main__":
    main(prog_name="annuario")
