# Two commands: `make report` writes reports/html/index.html, `make test` checks everything.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: report test clean

report: .venv/.installed
	@$(BIN)/theorems report --run

test: .venv/.installed
	@echo "ruff: style and likely mistakes"
	@$(BIN)/ruff check .
	@echo "mypy: types"
	@$(BIN)/mypy
	@echo "pytest: every test, the battery over every claim among them"
	@$(BIN)/pytest -q -n auto --dist worksteal --hypothesis-profile=ci

# Made once, and again only when the requested versions change.
.venv/.installed: pyproject.toml constraints.txt
	@echo "Installing the pinned dependencies into .venv (once; some minutes)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or newer is needed: run make with PYTHON=python3.11"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

# Removes what the commands wrote; .venv stays (remove it by hand to install afresh).
clean:
	rm -rf reports/evidence reports/html build *.egg-info .benchmarks
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
