#!/usr/bin/env python3
"""Check every rule that we ship against the JSON schemas of the Sigma specification.

usage: validate_rules.py [SCHEMA_DIRECTORY]

The schemas are looked for in SCHEMA_DIRECTORY, else in $SIGMA_SPEC, else in $SOKUHO_SHARED or
../shared/sigma/specification beside the source root. Rules are those below
rules/detect and rules/correlate of the source root ($srcdir when make sets it).
Exit status: 0 all valid, 1 faults (one sentence each), 77 skipped.
"""
import datetime
import glob
import json
import os
import sys
import uuid

SCHEMAS = {
    "detection rule": "sigma-detection-rule-schema.json",
    "correlation": "sigma-correlation-rules-schema.json",
    "filter": "sigma-filters-schema.json",
}


def skip(reason):
    print("skipped: " + reason)
    sys.exit(77)


def find_schemas(root):
    place = (sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SIGMA_SPEC")
             or os.path.join(os.environ.get("SOKUHO_SHARED", os.path.join(root, "..", "shared")), "sigma", "specification"))
    found = {}
    for folder, _, names in os.walk(place):
        for kind, name in SCHEMAS.items():
            if name in names:
                with open(os.path.join(folder, name), encoding="utf-8") as f:
                    found[kind] = json.load(f)
    if len(found) < len(SCHEMAS):
        skip("no Sigma schemas below '%s'" % place)
    return found


def kind_of(document):
    if "correlation" in document:
        return "correlation"
    return "filter" if "filter" in document else "detection rule"


def plain(value):
    """Dates become text again: YAML reads 2026-11-24 as a date, the schemas want a string."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value.isoformat() if isinstance(value, (datetime.date, datetime.datetime)) else value


def faults_of(document, validators):
    """Yields a sentence for each fault of one document."""
    if not isinstance(document, dict):
        yield "the document is no map"
        return
    for error in validators[kind_of(document)].iter_errors(document):
        where = ".".join(str(x) for x in error.absolute_path) or "the document"
        yield "%s: %s" % (where, error.message.splitlines()[0][:200])
    try:                                # `format` is a remark only for most validators
        uuid.UUID(str(document.get("id")))
    except ValueError:
        yield "id: '%s' is no UUID" % document.get("id")


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        import jsonschema
        import yaml
    except ImportError as error:
        skip("python3 has no module '%s'" % error.name)
    pick = getattr(jsonschema, "Draft202012Validator", jsonschema.Draft7Validator)
    validators = {kind: pick(schema) for kind, schema in find_schemas(root).items()}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    files = sorted(f for part in ("detect", "correlate")
                   for f in glob.glob(os.path.join(root, "rules", part, "**", "*.y*ml"),
                                      recursive=True))
    documents = faults = 0
    owner = {}
    for path in files:
        name = os.path.relpath(path, root)
        try:
            with open(path, encoding="utf-8") as f:
                parsed = [d for d in yaml.load_all(f, Loader=loader)]
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            print("%s: cannot be read: %s" % (name, str(error).replace("\n", " ")))
            faults += 1
            continue
        for number, document in enumerate(parsed, 1):
            if document is None:
                continue
            documents += 1
            document = plain(document)
            for sentence in faults_of(document, validators):
                print("%s: document %d: %s" % (name, number, sentence))
                faults += 1
            for key in ("id", "name"):
                value = document.get(key) if isinstance(document, dict) else None
                if value and value in owner:
                    print("%s: document %d: %s '%s' is already that of %s" % (
                        name, number, key, value, owner[value]))
                    faults += 1
                elif value:
                    owner[value] = "%s, document %d" % (name, number)
    if not documents:
        print("no rules found below '%s'" % os.path.join(root, "rules"))
        faults += 1
    print("%d documents in %d files, %d faults" % (documents, len(files), faults))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
