"""What kernels do most, in the few LLVM instructions that it needs: an array of a record, an item of an array, a range, a call.

Numba writes each for the general case and leaves it to LLVM to find the special one: an array's seven fields go to memory and back for
every item, a loop's count is divided by its step, a call's return code is looked at in seven ways. That was half of the code.
Kernels never raise (that is refused as they compile), and the fields of an array are mostly constants of its record.
"""

from functools import lru_cache

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.imputils import user_function
from numba.np import arrayobj

_N_ITEMS, _ITEM_BYTES, _DATA, _SHAPE, _STRIDES = range(2, 7)  # of numba's ArrayModel
_INT = ir.IntType(64)


def field(builder, value, i):
    """Field i of an LLVM aggregate; what was put there where that is known, else an instruction."""
    while isinstance(value, ir.InsertValue):
        if value.indices[0] == i:
            if len(value.indices) == 1:
                return value.value
            break
        value = value.aggregate
    if isinstance(value, ir.Constant) and isinstance(value.constant, list | tuple):
        return value.constant[i]
    return builder.extract_value(value, i)


def fields(builder, value):
    """All of them."""
    return [field(builder, value, i) for i in range(len(value.type))]


def data_of(builder, array):
    """Pointer to the first item of an array's value."""
    return field(builder, array, _DATA)


def _is_constant(value):
    return isinstance(value, ir.Constant) and isinstance(value.constant, int)


def _times(builder, a, b):
    if _is_constant(a) and _is_constant(b):
        return _INT(a.constant * b.constant)
    return a if _is_constant(b) and b.constant == 1 else builder.mul(a, b)


@lru_cache(None)
def _array_at_nothing(value_type, kind):
    """A nested array's value but for where it lies."""
    shape, strides = ([_INT(n) for n in numbers] for numbers in (kind.shape, kind.strides))
    parts = value_type.elements
    return ir.Constant(value_type, [
        ir.Constant(parts[0], None), ir.Constant(parts[1], None), _INT(kind.nitems), _INT(kind.size),
        ir.Constant(parts[_DATA], ir.Undefined), ir.Constant(parts[_SHAPE], shape), ir.Constant(parts[_STRIDES], strides)])


def nested_array(context, builder, record_type, record, name):
    """The array that lies in a record, which it does not own."""
    kind = record_type.typeof(name)
    data = cgutils.get_record_member(builder, record, record_type.offset(name), context.get_data_type(kind.dtype))
    return builder.insert_value(_array_at_nothing(context.get_value_type(kind), kind), data, _DATA)


def _place_on_axis(context, builder, index_type, index, size):
    """An index as the machine's whole number, from the end where it is negative."""
    if not index_type.signed:
        return context.cast(builder, index, index_type, types.uintp)
    index = context.cast(builder, index, index_type, types.intp)
    if _is_constant(index):
        return index if index.constant >= 0 else builder.add(size, index)
    return builder.select(builder.icmp_signed("<", index, _INT(0)), builder.add(index, size), index)


def parts_of(index_type):
    """Types of an index, one for each axis that it is of."""
    return tuple(index_type.types) if isinstance(index_type, types.BaseTuple) else (index_type,)


def can_index(array_type, index_type):
    """Whether `item` and `view` know how: whole numbers, in an array whose items lie one after the other, C-ordered."""
    kinds = parts_of(index_type)
    return (isinstance(array_type, types.Array) and array_type.layout == "C" and 0 < len(kinds) <= array_type.ndim
            and all(isinstance(kind, types.Integer) for kind in kinds))


def pointer_at(context, builder, array, index_type, index):
    """(pointer to an item or to the first of a view, sizes of the axes that are left)."""
    kinds, indices = parts_of(index_type), fields(builder, index) if isinstance(index_type, types.BaseTuple) else [index]
    shape = fields(builder, field(builder, array, _SHAPE))
    offset, step = None, _INT(1)
    for size in shape[len(kinds):]:
        step = _times(builder, step, size)
    for axis in reversed(range(len(kinds))):
        here = _times(builder, _place_on_axis(context, builder, kinds[axis], indices[axis], shape[axis]), step)
        offset = here if offset is None else builder.add(offset, here)
        if axis:
            step = _times(builder, step, shape[axis])
    return builder.gep(data_of(builder, array), [offset]), shape[len(kinds):]


def item(context, builder, array_type, array, index_type, index):
    """What stands at an index that leaves no axis."""
    return arrayobj.load_item(context, builder, array_type, pointer_at(context, builder, array, index_type, index)[0])


def put_item(context, builder, array_type, array, index_type, index, value):
    """Write one."""
    arrayobj.store_item(context, builder, array_type, value, pointer_at(context, builder, array, index_type, index)[0])


def view(context, builder, view_type, array, index_type, index):
    """The array that an index of fewer axes leaves."""
    pointer, shape = pointer_at(context, builder, array, index_type, index)
    strides = fields(builder, field(builder, array, _STRIDES))[-len(shape):]
    value_type = context.get_value_type(view_type)
    n_items = _INT(1)
    for size in shape:
        n_items = _times(builder, n_items, size)
    made = ir.Constant(value_type, ir.Undefined)
    kept = {0: field(builder, array, 0), 1: field(builder, array, 1), _N_ITEMS: n_items, _ITEM_BYTES: field(builder, array, _ITEM_BYTES),
            _DATA: pointer, _SHAPE: _packed(builder, shape), _STRIDES: _packed(builder, strides)}
    for i, part in kept.items():
        made = builder.insert_value(made, part, i)
    return made


def _packed(builder, numbers):
    kind = ir.ArrayType(_INT, len(numbers))
    if all(map(_is_constant, numbers)):
        return ir.Constant(kind, list(numbers))
    made = ir.Constant(kind, ir.Undefined)
    for i, number in enumerate(numbers):
        made = builder.insert_value(made, number, i)
    return made


def make_range(context, builder, range_type, args):
    """`range` of one to three whole numbers of its type."""
    one, nothing = (ir.Constant(args[0].type, n) for n in (1, 0))
    start, stop, step = (nothing, *args, one) if len(args) == 1 else (*args, one)[:3]
    made = ir.Constant(context.get_value_type(range_type), ir.Undefined)
    for i, part in enumerate((start, stop, step)):
        made = builder.insert_value(made, part, i)
    return made


def has_known_step(builder, value):
    """Whether a range's step is a constant, other than 0."""
    step = field(builder, value, 2)
    return _is_constant(step) and step.constant != 0


def begin_range(context, builder, range_type, value):
    """An iterator of a range whose step is known: where it is, and how many are left, in memory."""
    start, stop, step = fields(builder, value)
    n = step.constant
    ahead, nothing = (builder.sub(stop, start) if n > 0 else builder.sub(start, stop)), ir.Constant(start.type, 0)
    if abs(n) == 1:
        count = ahead
    else:
        size = ir.Constant(start.type, abs(n))
        rest = builder.icmp_signed(">", builder.srem(ahead, size), nothing)
        count = builder.add(builder.sdiv(ahead, size), builder.zext(rest, start.type))
    count = builder.select(builder.icmp_signed(">", ahead, nothing), count, nothing)
    at, left = (cgutils.alloca_once(builder, start.type) for _ in range(2))
    builder.store(start, at)
    builder.store(count, left)
    made = ir.Constant(context.get_value_type(range_type.iterator_type), ir.Undefined)
    for i, part in enumerate((at, stop, step, left)):
        made = builder.insert_value(made, part, i)
    return made


def next_of_range(context, builder, pair_type, value):
    """(the next number, whether there is one)."""
    at, _, step, left = (field(builder, value, i) for i in range(4))
    count, now = builder.load(left), builder.load(at)
    has_one = builder.icmp_signed(">", count, ir.Constant(count.type, 0))
    builder.store(builder.sub(count, ir.Constant(count.type, 1), flags=["nsw"]), left)
    builder.store(builder.add(now, step, flags=["nsw"] if pair_type.first_type.signed else []), at)  # what overflows is never read
    made = builder.insert_value(ir.Constant(context.get_value_type(pair_type), ir.Undefined), now, 0)
    return builder.insert_value(made, has_one, 1)


def call_of(fndesc, libraries):
    """Numba's `user_function`, the call of a compiled function; where a kernel calls, its return code is looked at once.

    Nothing that kernels call should fail. Where that is not looked at, LLVM takes other functions into their callers, and sounds cost a
    twentieth more.
    """
    general = user_function(fndesc, libraries)

    def call(context, builder, signature, args):
        if context.enable_nrt or isinstance(fndesc.restype, types.Optional):
            return general(context, builder, signature, args)
        callee = context.declare_function(builder.module, fndesc)
        convention = context.call_conv
        place = cgutils.alloca_once(builder, callee.args[0].type.pointee)
        packed = convention._get_arg_packer(fndesc.argtypes).as_arguments(builder, args)
        code = builder.call(callee, [place, convention._get_excinfo_argument(builder.function), *packed])
        with cgutils.if_unlikely(builder, builder.icmp_signed(">", code, ir.Constant(code.type, 0))):
            builder.ret(code)
        if fndesc.restype == types.none:
            return context.get_dummy_value()
        return context.get_returned_value(builder, fndesc.restype, builder.load(place))

    call.signature, call.libs = general.signature, general.libs
    return call
