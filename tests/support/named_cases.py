"""Functions that are cases of a differential test, by their names: one folder of NAME_cases.py modules, each by its subject."""
import importlib


def registry():
    """The cases of one module, and the decorator that adds to them."""
    cases = {}

    def case(made):
        cases[made.__name__] = made
        return made

    return cases, case


def of_folder(folder):
    """Every case of the modules of a folder that is on the path of modules."""
    cases = {}
    for file in sorted(folder.glob("*_cases.py")):
        for name, made in importlib.import_module(file.stem).CASES.items():
            assert name not in cases, name
            cases[name] = made
    return cases
