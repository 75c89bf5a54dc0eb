#include "dwarf/expression.h"

#include <vector>

#include "bytes/reader.h"

namespace abiscope::dwarf {

namespace {

// DW_OP_*: DWARF 5, section 7.7.1.
namespace op {
constexpr std::uint8_t addr = 0x03;
constexpr std::uint8_t deref = 0x06;
constexpr std::uint8_t const1u = 0x08;
constexpr std::uint8_t consts = 0x11;
constexpr std::uint8_t dup = 0x12;
constexpr std::uint8_t drop = 0x13;
constexpr std::uint8_t over = 0x14;
constexpr std::uint8_t pick = 0x15;
constexpr std::uint8_t swap = 0x16;
constexpr std::uint8_t rot = 0x17;
constexpr std::uint8_t abs = 0x19;
constexpr std::uint8_t and_ = 0x1a;
constexpr std::uint8_t plus_uconst = 0x23;
constexpr std::uint8_t bra = 0x28;
constexpr std::uint8_t xor_ = 0x27;
constexpr std::uint8_t eq = 0x29;
constexpr std::uint8_t ne = 0x2e;
constexpr std::uint8_t skip = 0x2f;
constexpr std::uint8_t lit0 = 0x30;
constexpr std::uint8_t lit31 = 0x4f;
constexpr std::uint8_t breg0 = 0x70;
constexpr std::uint8_t breg31 = 0x8f;
constexpr std::uint8_t bregx = 0x92;
constexpr std::uint8_t deref_size = 0x94;
constexpr std::uint8_t nop = 0x96;
}  // namespace op

constexpr int most_steps = 10'000;
constexpr std::size_t most_values = 256;

class Evaluation {
public:
    Evaluation(View expression, const Machine& machine)
        : size_(expression.size()), machine_(machine), reader_(expression, machine.order, "DWARF expression") {}

    std::optional<std::uint64_t> run(std::optional<std::uint64_t> initial) {
        if (initial) stack_.push_back(*initial);
        for (int steps = 0; reader_.remaining() > 0; ++steps) {
            if (steps == most_steps || !step(reader_.u8()) || !reader_.ok() || stack_.size() > most_values) return std::nullopt;
        }
        return stack_.empty() ? std::nullopt : std::optional(cut(stack_.back()));
    }

private:
    [[nodiscard]] std::uint64_t cut(std::uint64_t value) const { return machine_.address_size == 4 ? value & 0xffffffff : value; }
    [[nodiscard]] std::int64_t as_signed(std::uint64_t value) const {
        return machine_.address_size == 4 ? static_cast<std::int32_t>(value) : static_cast<std::int64_t>(value);
    }

    bool push(std::optional<std::uint64_t> value) {
        if (value) stack_.push_back(*value);
        return value.has_value();
    }
    bool pop(std::uint64_t& value) {
        if (stack_.empty()) return false;
        value = stack_.back();
        stack_.pop_back();
        return true;
    }

    bool load(std::uint8_t size) {
        std::uint64_t address = 0;
        if (size == 0 || size > machine_.address_size || !pop(address)) return false;
        return push(machine_.memory(cut(address), size));
    }

    bool jump(std::int16_t by) {
        std::int64_t to = static_cast<std::int64_t>(reader_.position()) + by;
        if (!reader_.ok() || to < 0 || static_cast<std::uint64_t>(to) > size_) return false;
        reader_.seek(static_cast<std::uint64_t>(to));
        return true;
    }

    bool pick(std::size_t from_top) {
        if (from_top >= stack_.size()) return false;
        return push(stack_[stack_.size() - 1 - from_top]);
    }

    bool constant(std::uint8_t code) {
        switch (code) {
            case 0x08: return push(reader_.u8());
            case 0x09: return push(static_cast<std::uint64_t>(std::int64_t{reader_.i8()}));
            case 0x0a: return push(reader_.u16());
            case 0x0b: return push(static_cast<std::uint64_t>(std::int64_t{reader_.i16()}));
            case 0x0c: return push(reader_.u32());
            case 0x0d: return push(static_cast<std::uint64_t>(std::int64_t{reader_.i32()}));
            case 0x0e: return push(reader_.u64());
            case 0x0f: return push(static_cast<std::uint64_t>(reader_.i64()));
            case 0x10: return push(reader_.uleb128());
            default: return push(static_cast<std::uint64_t>(reader_.sleb128()));
        }
    }

    // DW_OP_and to DW_OP_xor and DW_OP_eq to DW_OP_ne, but those with one operand.
    bool binary(std::uint8_t code) {
        std::uint64_t b = 0;
        std::uint64_t a = 0;
        if (!pop(b) || !pop(a)) return false;
        a = cut(a);
        b = cut(b);
        unsigned bits = machine_.address_size * 8U;
        switch (code) {
            case 0x1a: return push(a & b);
            case 0x1b:
                if (b == 0) return false;
                return push(as_signed(b) == -1 ? 0 - a : static_cast<std::uint64_t>(as_signed(a) / as_signed(b)));
            case 0x1c: return push(a - b);
            case 0x1d: return b == 0 ? false : push(a % b);
            case 0x1e: return push(a * b);
            case 0x21: return push(a | b);
            case 0x22: return push(a + b);
            case 0x24: return push(b < bits ? a << b : 0);
            case 0x25: return push(b < bits ? a >> b : 0);
            case 0x26: return push(static_cast<std::uint64_t>(as_signed(a) >> (b < bits ? b : bits - 1)));
            case 0x27: return push(a ^ b);
            case 0x29: return push(std::uint64_t{a == b});
            case 0x2a: return push(std::uint64_t{as_signed(a) >= as_signed(b)});
            case 0x2b: return push(std::uint64_t{as_signed(a) > as_signed(b)});
            case 0x2c: return push(std::uint64_t{as_signed(a) <= as_signed(b)});
            case 0x2d: return push(std::uint64_t{as_signed(a) < as_signed(b)});
            case 0x2e: return push(std::uint64_t{a != b});
            default: return false;
        }
    }

    bool unary(std::uint8_t code) {
        std::uint64_t value = 0;
        if (!pop(value)) return false;
        if (code == op::plus_uconst) return push(value + reader_.uleb128());
        if (code == op::abs) return push(as_signed(value) < 0 ? 0 - value : value);
        if (code == 0x1f) return push(0 - value);   // DW_OP_neg
        return push(~value);                        // DW_OP_not
    }

    bool shuffle(std::uint8_t code) {
        std::size_t count = stack_.size();
        switch (code) {
            case op::dup: return pick(0);
            case op::drop:
                if (count == 0) return false;
                stack_.pop_back();
                return true;
            case op::over: return pick(1);
            case op::pick: return pick(reader_.u8());
            case op::swap:
                if (count < 2) return false;
                std::swap(stack_[count - 1], stack_[count - 2]);
                return true;
            default: {   // DW_OP_rot
                if (count < 3) return false;
                std::uint64_t top = stack_.back();
                stack_.pop_back();
                stack_.insert(stack_.end() - 2, top);
                return true;
            }
        }
    }

    bool step(std::uint8_t code) {
        if (code == op::addr) return push(reader_.word(machine_.address_size == 8));
        if (code >= op::lit0 && code <= op::lit31) return push(code - op::lit0);
        if (code >= op::breg0 && code <= op::breg31) return based(code - op::breg0);
        if (code == op::bregx) return based(reader_.uleb128());
        if (code >= op::const1u && code <= op::consts) return constant(code);
        if (code == op::deref) return load(machine_.address_size);
        if (code == op::deref_size) return load(reader_.u8());
        if (code >= op::dup && code <= op::rot) return shuffle(code);
        if (code == op::abs || code == 0x1f || code == 0x20 || code == op::plus_uconst) return unary(code);
        if (code == op::skip) return jump(reader_.i16());
        if (code == op::bra) {
            std::int16_t by = reader_.i16();
            std::uint64_t condition = 0;
            if (!pop(condition)) return false;
            return cut(condition) == 0 || jump(by);
        }
        if ((code >= op::and_ && code <= op::xor_) || (code >= op::eq && code <= op::ne)) return binary(code);
        return code == op::nop;
    }

    bool based(std::uint64_t number) {
        std::int64_t offset = reader_.sleb128();
        auto value = machine_.register_value(number);
        return value && push(*value + static_cast<std::uint64_t>(offset));
    }

    std::uint64_t size_;
    const Machine& machine_;
    Reader reader_;
    std::vector<std::uint64_t> stack_;
};

}  // namespace

std::optional<std::uint64_t> evaluate(View expression, const Machine& machine, std::optional<std::uint64_t> initial) {
    return Evaluation(expression, machine).run(initial);
}

}  // namespace abiscope::dwarf
