# The commands of the project. Each sets up what it needs by itself, quietly, and can be repeated.
PYTHON ?= python3
BIN := .venv/bin
DEMO_DATA ?= demo-data
# the browser of the tests, and what the program that drives it needs on a bare machine
BROWSER := chromium:chromium '/usr/lib/*/libatomic.so.1:libatomic1'
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup system demo test lint docs screenshots format bench soak clean

help:            ## what can be made
	@grep -hE '^[a-z]+: *.*##' Makefile | sed -E 's/: *[^#]*##/\t/' | expand -t 12

setup: .venv/ready system  ## a .venv with the `gateway` command, and Tesseract where it may be installed
	@echo "Ready: .venv/bin/gateway --help"

.venv/ready: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the Python packages (some minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[dev]'
	@touch $@

system:
	@sh .ci/system_packages.sh tesseract:tesseract-ocr fc-match:fontconfig,fonts-dejavu-core,fonts-liberation

demo: .venv/ready system  ## the main job: faxes, an outage, reading, review, release into a simulated e-RS, letters, balance
	@$(BIN)/gateway rehearse --data $(DEMO_DATA) --fresh

# A file's tests stay together, and no more workers than a small machine has memory for: each loads the readers.
SIDE_BY_SIDE := --numprocesses auto --maxprocesses 4 --dist loadfile

test: .venv/ready system  ## all tests
	@sh .ci/system_packages.sh $(BROWSER) dovecot:dovecot-imapd
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE)

lint: .venv/ready  ## style, format and types
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check . && $(BIN)/mypy --no-error-summary && echo "Lint: all in order."

docs: .venv/ready  ## write the references of commands and settings from the program
	@$(BIN)/python docs/write_reference.py

screenshots: .venv/ready system  ## pictures of every page of the review desk into docs/
	@sh .ci/system_packages.sh $(BROWSER)
	@$(BIN)/python docs/screenshots.py

format: .venv/ready  ## put the code into the project's format
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

# Print and handwriting that the synthetic faxes are made with; fewer narrow the variety, and the results name what was there.
FACES := /usr/share/fonts/truetype
TYPEFACES := $(FACES)/freefont/FreeSans.ttf:fonts-freefont-ttf $(FACES)/fifthhorseman/dkg.ttf:fonts-dkg-handwriting \
    $(FACES)/humor-sans/Humor-Sans.ttf:fonts-humor-sans $(FACES)/sjfonts/SteveHand.ttf:fonts-sjfonts \
    $(FACES)/breip/Breip.ttf:fonts-breip $(FACES)/rufscript/Rufscript010.ttf:fonts-rufscript \
    $(FACES)/crosextra/Carlito-Regular.ttf:fonts-crosextra-carlito $(FACES)/crosextra/Caladea-Regular.ttf:fonts-crosextra-caladea \
    $(FACES)/open-sans/OpenSans-Regular.ttf:fonts-open-sans \
    $(FACES)/../opentype/bwht/BecauseWeCreate-Regular.otf:fonts-bwht \
    $(FACES)/../opentype/comic-neue/ComicNeue-Regular.otf:fonts-comic-neue $(FACES)/dejavu/DejaVuSerifCondensed.ttf:fonts-dejavu-extra \
    $(FACES)/lato/Lato-Regular.ttf:fonts-lato $(FACES)/gentiumplus/GentiumBookPlus-Regular.ttf:fonts-sil-gentiumplus \
    $(FACES)/roboto/unhinted/RobotoCondensed-Regular.ttf:fonts-roboto-unhinted \
    $(FACES)/nanum/NanumPen.ttf:fonts-nanum-extra $(FACES)/tlwg/Purisa.ttf:fonts-tlwg-purisa-ttf

bench: .venv/ready system  ## accuracy, cost and speed beside honest peers; tables into bench/results.md
	@sh .ci/system_packages.sh ocrmypdf:ocrmypdf $(TYPEFACES) || true
	@$(BIN)/python -m bench $(BENCH)

soak: .venv/ready system  ## the long proofs: kills, model runs, fuzzing
	@GATEWAY_SOAK=1 $(BIN)/python -m pytest -m soak --timeout 0

clean:           ## remove what was made
	@rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis $(DEMO_DATA)
