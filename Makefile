# Two commands do everything on a fresh machine: `make play` and `make test`. The set-up itself is tools/setup.py.
PY := .venv/bin/python
ARGS ?=
marked = $(shell grep -rlE 'mark[.]$(1)' tests --include='test_*.py')

.PHONY: help play test bench soak fuzz wheel docs clean

help: ## show this list
	@echo "latentwave: make TARGET [ARGS='--preset Init']"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16
	@echo "SHORT=1 makes bench, soak and fuzz take seconds, to see that they run."
	@echo "NO_SYSTEM_PACKAGES=1 only prints the system packages it would add; PYTHON=... names the Python to use."

play: ## set everything up and play (window, or terminal view, or demo.wav where there is no sound device)
	@sh tools/setup.sh play
	@$(PY) -m synth play --demo-if-silent $(ARGS)

test: ## set everything up and run the tests, the linter and the type checker
	@sh tools/setup.sh test
	@sh tools/check.sh $(ARGS)

bench: ## measure cost and quality of the engine on this machine
	@sh tools/setup.sh test
	@$(PY) -m synth bench $(if $(SHORT),--short) $(ARGS)
	@$(if $(SHORT),BENCH_SHORT=1) $(PY) -m tests.bench.live
	@$(if $(SHORT),BENCH_SHORT=1) $(PY) -m tests.bench.library
	@$(PY) -m tools.presets.bars $(if $(SHORT),"Kick Start")

soak: ## play for a long time and watch for leaks, xruns and wrong sound
	@sh tools/setup.sh test
	@$(if $(SHORT),SOAK_MINUTES=0.1 BENCH_SHORT=1) $(PY) -m pytest $(call marked,soak) -m soak --timeout=0 $(ARGS)

fuzz: ## throw far more broken input at every reader than the tests do
	@sh tools/setup.sh test
	@HYPOTHESIS_PROFILE=$(if $(SHORT),short,fuzz) $(PY) -m pytest $(call marked,fuzz) -m fuzz --timeout=0 $(ARGS)

wheel: ## build dist/latentwave-*.whl, with models, presets and the demo song
	@sh tools/setup.sh test
	@$(PY) -m build --wheel --no-isolation

docs: ## build the documentation as a site in site/ (open site/index.html)
	@sh tools/setup.sh play
	@$(PY) -c "import material" 2>/dev/null || $(PY) -m pip install -q --disable-pip-version-check --no-build-isolation -c constraints.txt -e ".[docs]"
	@$(PY) tools/docs_site.py
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict -q $(ARGS)
	@echo "the site lies in site/; its search needs a server: $(PY) -m http.server -d site"

clean: ## remove what was built here (.venv, caches, build, dist)
	rm -rf .venv build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis demo.wav
	find synth training tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
