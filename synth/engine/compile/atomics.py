"""Acquire loads, release stores and the floating-point mode, for kernels: what numba has no words for.

Counters live in int64 arrays of the state. On x86-64 the store is a plain one; the orderings keep the compiler honest
there and the processor on arm64.
"""

import platform

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

X86 = platform.machine().lower() in ("x86_64", "amd64", "x64")


def _element(context, builder, array_type, array, index):
    view = context.make_array(array_type)(context, builder, array)
    return cgutils.get_item_pointer(context, builder, array_type, view, [index], wraparound=False)


@intrinsic
def load_acquire(typingctx, array, index):
    """int64 `array[index]`, seen together with all that was written before the matching store_release."""
    def codegen(context, builder, signature, args):
        pointer = _element(context, builder, signature.args[0], args[0], args[1])
        return builder.load_atomic(pointer, "acquire", 8)
    return types.int64(array, types.intp), codegen


@intrinsic
def store_release(typingctx, array, index, value):
    """array[index] = value, published after all that was written before."""
    def codegen(context, builder, signature, args):
        pointer = _element(context, builder, signature.args[0], args[0], args[1])
        builder.store_atomic(args[2], pointer, "release", 8)
        return context.get_dummy_value()
    return types.void(array, types.intp, types.int64), codegen


def _mxcsr(builder, name, pointer):
    kind = ir.FunctionType(ir.VoidType(), [pointer.type])
    function = cgutils.get_or_insert_function(builder.module, kind, name)
    builder.call(function, [pointer])


@intrinsic
def flush_denormals(typingctx):
    """Set flush-to-zero and denormals-are-zero on x86; answers the old mode (int32) for `restore_mode`."""
    def codegen(context, builder, signature, args):
        if not X86:
            return ir.Constant(ir.IntType(32), 0)
        slot = cgutils.alloca_once(builder, ir.IntType(32))
        pointer = builder.bitcast(slot, ir.IntType(8).as_pointer())
        _mxcsr(builder, "llvm.x86.sse.stmxcsr", pointer)
        old = builder.load(slot)
        builder.store(builder.or_(old, ir.Constant(ir.IntType(32), 0x8040)), slot)
        _mxcsr(builder, "llvm.x86.sse.ldmxcsr", pointer)
        return old
    return types.int32(), codegen


@intrinsic
def restore_mode(typingctx, mode):
    """Put back the floating-point mode that `flush_denormals` answered."""
    def codegen(context, builder, signature, args):
        if X86:
            slot = cgutils.alloca_once(builder, ir.IntType(32))
            builder.store(args[0], slot)
            _mxcsr(builder, "llvm.x86.sse.ldmxcsr", builder.bitcast(slot, ir.IntType(8).as_pointer()))
        return context.get_dummy_value()
    return types.void(types.int32), codegen


@intrinsic
def cycle_count(typingctx):
    """The processor's time-stamp counter on x86 (int64), 0 elsewhere."""
    def codegen(context, builder, signature, args):
        if not X86:
            return ir.Constant(ir.IntType(64), 0)
        kind = ir.FunctionType(ir.IntType(64), [])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.readcyclecounter"), [])
    return types.int64(), codegen


@intrinsic
def address_of(typingctx, record):
    """Pointer to float32 at a record whose fields are all float32 (parameters by index rather than by name)."""
    pointer = types.CPointer(types.float32)

    def codegen(context, builder, signature, args):
        return builder.bitcast(args[0], context.get_value_type(pointer))
    return pointer(record), codegen


def _caller(result, *arguments):
    """An intrinsic that calls a C function by its address; pointers are int64 on both sides."""
    low = {types.int64: ir.IntType(8).as_pointer(), types.uint32: ir.IntType(32), types.int32: ir.IntType(32), types.uint64: ir.IntType(64)}

    def codegen(context, builder, signature, args):
        kind = ir.FunctionType(low[result], [low[a] for a in arguments])
        function = builder.inttoptr(args[0], kind.as_pointer())
        values = [builder.inttoptr(v, low[t]) if t is types.int64 else v for v, t in zip(args[1:], arguments, strict=True)]
        answer = builder.call(function, values)
        return builder.ptrtoint(answer, ir.IntType(64)) if result is types.int64 else answer

    return result, arguments, codegen


@intrinsic
def call_buffer(typingctx, address, port, n_frames):
    """void *f(void *port, uint32 n_frames), as int64."""
    result, arguments, codegen = _caller(types.int64, types.int64, types.uint32)
    return result(types.int64, *arguments), codegen


@intrinsic
def call_count(typingctx, address, buffer):
    """uint32 f(void *buffer)."""
    result, arguments, codegen = _caller(types.uint32, types.int64)
    return result(types.int64, *arguments), codegen


@intrinsic
def call_process(typingctx, address, state, audio_in, audio_out, n_frames, events, n_events, transport):
    """int32 f(state *, audio_in *, audio_out *, uint32 n_frames, events *, uint32 n_events, transport *): see abi.py."""
    p, u = types.int64, types.uint32
    result, arguments, codegen = _caller(types.int32, p, p, p, u, p, u, p)
    return result(types.int64, *arguments), codegen


@intrinsic
def call_query(typingctx, address, client, position):
    """uint32 f(void *client, position *)."""
    result, arguments, codegen = _caller(types.uint32, types.int64, types.int64)
    return result(types.int64, *arguments), codegen


@intrinsic
def call_get(typingctx, address, event, buffer, index):
    """int f(event *, void *buffer, uint32 index)."""
    result, arguments, codegen = _caller(types.int32, types.int64, types.int64, types.uint32)
    return result(types.int64, *arguments), codegen


@intrinsic
def call_write(typingctx, address, buffer, time, data, size):
    """int f(void *buffer, uint32 time, const void *data, size_t size)."""
    result, arguments, codegen = _caller(types.int32, types.int64, types.uint32, types.int64, types.uint64)
    return result(types.int64, *arguments), codegen


@intrinsic
def call_time(typingctx, address):
    """uint64 f(void)."""
    result, arguments, codegen = _caller(types.uint64)
    return result(types.int64, *arguments), codegen


def pointer_intrinsic(target, what: str):
    """An intrinsic that makes an address (int64) a pointer to `target`: a numba type, or a function that answers one, as a record's
    takes milliseconds to make and is needed only to compile.
    """
    def typed(typingctx, address):
        pointer = types.CPointer(target if isinstance(target, types.Type) else target())

        def codegen(context, builder, signature, args):
            return builder.inttoptr(args[0], context.get_value_type(pointer))
        return pointer(types.int64), codegen

    typed.__doc__ = f"Pointer to {what} at an address (int64)."
    return intrinsic(typed)


floats_at = pointer_intrinsic(types.float32, "float32")
shorts_at = pointer_intrinsic(types.int16, "int16")
bytes_at = pointer_intrinsic(types.uint8, "uint8")


@intrinsic
def record_address(typingctx, record):
    """Address of a record, int64."""
    def codegen(context, builder, signature, args):
        return builder.ptrtoint(args[0], ir.IntType(64))
    return types.int64(record), codegen
