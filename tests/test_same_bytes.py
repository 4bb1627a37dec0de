"""Nothing that is written hangs on the processor: the source keeps to it, and one scenario shows it.

`tests/same_bytes.py` shows it for all scenarios and more kinds of processors; the gate runs it.
"""

import ast
import importlib.util
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
SCRIPT = Path(__file__).with_name("same_bytes.py")
_spec = importlib.util.spec_from_file_location("same_bytes", SCRIPT)
same_bytes = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(same_bytes)

INSTEAD = {
    "elementary": "ext.elementary has it, and strategies find it in view.public.maths",
    "product": "sum the product of the arrays, or einsum: BLAS adds up in an order of the processor's",
    "draw": "model.world.randomness.stream draws normals and counts; uniforms and permutations need no function",
    "order": 'say kind="stable": which of equals comes first must not hang on the processor',
}
ELEMENTARY = {
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "logaddexp", "logaddexp2", "pow", "power",
    "float_power", "cbrt", "hypot", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan",
    "arctan2", "arcsinh", "arccosh", "arctanh", "asin", "acos", "atan", "atan2", "asinh", "acosh", "atanh", "sinc",
    "erf", "erfc", "gamma", "lgamma", "geomspace", "logspace",
}  # fmt: skip
PRODUCTS = {
    "dot", "vdot", "inner", "matmul", "tensordot", "multi_dot", "linalg", "polyfit", "lstsq", "corrcoef", "cov",
    "convolve", "correlate",
}  # fmt: skip
DRAWS = {
    "exponential", "standard_exponential", "gamma", "standard_gamma", "beta", "binomial", "negative_binomial",
    "geometric", "lognormal", "multinomial", "dirichlet", "pareto", "power_law", "weibull", "rayleigh", "laplace",
    "logistic", "gumbel", "chisquare", "vonmises", "zipf", "logseries", "hypergeometric", "wald", "triangular",
}  # fmt: skip
ORDERS = {"argsort", "argpartition", "partition"}
LIBRARIES = {"np", "math", "numpy", "linalg", "special"}

# Whose results are seen and not written, or where nothing else will do; by the end of the path, with the reason.
ALLOWED = {
    "charts/": "what is seen on a screen",
    "pages/": "what is seen on a screen",
    "fidelity/": "says how near the peers' arithmetic comes, to a stated tolerance",
    "ext/reference.py": "an oracle in plain NumPy, which tests hold the kernels to",
    "ext/reference_scoring.py": "an oracle in plain NumPy, which tests hold the kernels to",
    "experiments/bench.py": "measures time",
    "theory/scoring.py": "multitask_pay solves a linear system by LAPACK; no run and no table uses it",
    "analysis/effects.py": "whether a table has full rank: yes or no",
    "experiments/intervals.py": "quantiles of Student's t, rounded to 12 decimals",
    "analysis/discovery.py": "tails of a binomial law, rounded to 12 digits",
    "reward_rules/pay_shape.py": "orders again, stably, where scores are tied",
    "market/exact_pool.py": "powers of Decimals and integers",
}


def offences(source):
    """Line, name and kind of each thing in the source that rounds or orders as the processor has it."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.MatMult):
            yield node.lineno, "@", "product"
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Pow) and not _of_numbers(node):
            yield node.lineno, "**", "elementary"
        elif isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "")
            if owner in LIBRARIES and node.attr in ELEMENTARY:
                yield node.lineno, f"{owner}.{node.attr}", "elementary"
            if (owner in LIBRARIES and node.attr in PRODUCTS) or node.attr == "dot":
                yield node.lineno, f"{owner}.{node.attr}", "product"
            if "rng" in owner and node.attr in DRAWS:
                yield node.lineno, f"{owner}.{node.attr}", "draw"
            if owner in ("np", "numpy", "random") and node.attr == "default_rng":
                yield node.lineno, node.attr, "draw"
        elif isinstance(node, ast.ImportFrom) and node.module in ("math", "numpy", "cmath"):
            for name in node.names:
                if name.name in ELEMENTARY | PRODUCTS:
                    yield node.lineno, name.name, "elementary"
        elif isinstance(node, ast.ImportFrom) and node.module in ("scipy.special", "scipy.stats", "scipy.linalg"):
            yield from ((node.lineno, name.name, "elementary") for name in node.names if name.name != "qmc")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ORDERS:
            kinds = [getattr(given.value, "value", "") for given in node.keywords if given.arg == "kind"]
            stable = kinds == ["stable"]
            text = node.func.attr == "partition" and getattr(node.func.value, "id", "") != "np"
            if not (stable or text):
                yield node.lineno, node.func.attr, "order"


def _of_numbers(node):
    """Whether a power is of literals, or of a whole literal to a whole constant: those are exact."""
    if isinstance(node, ast.AugAssign):
        return False
    base, exponent = node.left, node.right
    if isinstance(exponent, ast.UnaryOp):
        exponent = exponent.operand
    if not isinstance(base, ast.Constant):
        return False
    return isinstance(exponent, ast.Constant) or (
        isinstance(base.value, int) and isinstance(exponent, ast.Name) and exponent.id.isupper()
    )


def python_files():
    return [
        path for room in ("agents", "ext", "model") for path in sorted((CHECKOUT / room).rglob("*.py"))
    ]  # fmt: skip


def allowed(path):
    name = path.relative_to(CHECKOUT).as_posix()
    return next((place for place in ALLOWED if name.endswith(place) or (place[-1] == "/" and f"/{place}" in name)), "")


def test_no_result_is_rounded_or_ordered_as_the_processor_has_it():
    found = [
        f"{path.relative_to(CHECKOUT)}:{line}: {name}: {INSTEAD[kind]}"
        for path in python_files()
        if not allowed(path)
        for line, name, kind in offences(path.read_text())
    ]
    assert not found, "\n".join(found)


def test_every_exception_is_one_that_is_needed():
    needed = {allowed(path) for path in python_files() if allowed(path) and any(offences(path.read_text()))}
    assert needed == set(ALLOWED)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("np.exp(x)", "elementary"), ("math.log(x)", "elementary"), ("x ** y", "elementary"), ("x **= 2", "elementary"),
        ("x ** 2", "elementary"), ("2.0 ** -n", "elementary"), ("from math import exp", "elementary"),
        ("from scipy.stats import norm", "elementary"), ("np.linalg.inv(a)", "product"),
        ("a @ b", "product"), ("np.dot(a, b)", "product"), ("a.dot(b)", "product"),
        ("rng.exponential(2)", "draw"), ("np.random.default_rng(1)", "draw"), ("np.argsort(x)", "order"),
        ("x.argsort()", "order"), ("np.partition(x, 3)", "order"),
    ],
)  # fmt: skip
def test_what_hangs_on_the_processor_is_found(source, kind):
    assert [found[2] for found in offences(source)] == [kind]


@pytest.mark.parametrize(
    "source",
    ["elementary.exp(x)", "2**64", "2.0**-52", "2**BITS", "np.sqrt(x)", 'np.argsort(x, kind="stable")',
     'text.partition("=")', "rng.permutation(x)", "np.einsum('ij,j->i', a, b)", "(a * b).sum(axis=1)"],
)  # fmt: skip
def test_what_is_exact_passes(source):
    assert list(offences(source)) == []


def test_owned_hardware_is_the_same_on_other_processors(capsys):
    assert same_bytes.main(["owned-hardware", "--epochs", "3"]) == 0
    said = capsys.readouterr().out
    assert "DIFFERS" not in said
    assert said.count("same bytes") == len(same_bytes.settings())


def test_what_differs_is_named_with_its_place_and_size(tmp_path):
    for folder, value in (("one", "0.5"), ("two", "0.50000005")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "epochs.csv").write_text(f"epoch,gini\n0,1.0\n1,{value}\n")
        (tmp_path / folder / "manifest.json").write_text(value)
    assert list(same_bytes.differences(tmp_path / "one", tmp_path / "two")) == [
        "epochs.csv: column gini, row 1: 0.5 and 0.50000005; 1 columns, largest relative difference 1.0e-07"
    ]
    (tmp_path / "two" / "extra.csv").write_text("")
    assert "extra.csv: written in one of the two only" in list(
        same_bytes.differences(tmp_path / "one", tmp_path / "two")
    )
