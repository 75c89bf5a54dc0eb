#include "source/go_constant.h"

#include <charconv>
#include <string>

namespace abiscope::source {

namespace {

constexpr unsigned deepest = 64;
constexpr unsigned most_steps = 100000;

// An untyped constant has no width; the arithmetic of a typed one stays within its type.
struct Value {
    std::int64_t number = 0;
    unsigned bits = 0;        // 0: untyped
    bool is_unsigned = false;
};

std::optional<std::int64_t> literal(std::string_view text) {
    std::string digits;
    for (char c : text) {
        if (c != '_') digits += c;
    }
    int base = 10;
    std::size_t skip = 0;
    if (digits.size() > 1 && digits[0] == '0') {
        char kind = static_cast<char>(digits[1] | 0x20);
        base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
        skip = kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1;
    }
    std::int64_t value = 0;
    const char* end = digits.data() + digits.size();
    auto done = std::from_chars(digits.data() + skip, end, value, base);
    if (done.ec != std::errc() || done.ptr != end) return std::nullopt;
    return value;
}

}  // namespace

class GoEvaluator {
public:
    explicit GoEvaluator(const GoConstants& constants) : constants_(constants) {}

    std::optional<Value> run(const GoFile& file, const GoExpression& expression, std::uint64_t iota, unsigned depth) {
        if (depth > deepest) return std::nullopt;
        std::size_t at = expression.from;
        State outer = state_;
        state_ = {&file, expression.to, iota, depth};
        auto value = binary(at, 0, depth);
        bool whole = at == expression.to;
        state_ = outer;
        return whole ? value : std::nullopt;
    }

private:
    struct State {
        const GoFile* file = nullptr;
        std::size_t end = 0;
        std::uint64_t iota = 0;
        unsigned depth = 0;
    };

    [[nodiscard]] std::string_view text(std::size_t at) const { return at < state_.end ? token(at).text : std::string_view(); }
    [[nodiscard]] const GoToken& token(std::size_t at) const { return state_.file->lexed.tokens[at]; }

    static int precedence(std::string_view op) {
        if (op == "*" || op == "/" || op == "%" || op == "<<" || op == ">>" || op == "&" || op == "&^") return 2;
        return op == "+" || op == "-" || op == "|" || op == "^" ? 1 : 0;
    }

    std::optional<Value> binary(std::size_t& at, int least, unsigned depth) {
        if (depth > deepest) return std::nullopt;
        auto left = unary(at, depth + 1);
        while (left) {
            std::string_view op = text(at);
            int rank = precedence(op);
            if (rank == 0 || rank <= least) break;
            ++at;
            auto right = binary(at, rank, depth + 1);
            if (!right) return std::nullopt;
            left = apply(*left, op, *right);
        }
        return left;
    }

    std::optional<Value> unary(std::size_t& at, unsigned depth) {
        if (depth > deepest || ++steps_ > most_steps) return std::nullopt;
        std::string_view op = text(at);
        if (op != "+" && op != "-" && op != "^") return primary(at, depth);
        ++at;
        auto value = unary(at, depth + 1);
        if (!value || op == "+") return value;
        return op == "-" ? apply({.number = 0, .bits = value->bits, .is_unsigned = value->is_unsigned}, "-", *value)
                         : fit({~value->number, value->bits, value->is_unsigned});
    }

    std::optional<Value> primary(std::size_t& at, unsigned depth) {
        if (at >= state_.end) return std::nullopt;
        const GoToken& first = token(at++);
        if (first.kind == GoTokenKind::number) {
            auto value = literal(first.text);
            return value ? std::optional(Value{*value}) : std::nullopt;
        }
        if (first.text == "(") {
            auto value = binary(at, 0, depth + 1);
            if (text(at) != ")") return std::nullopt;
            ++at;
            return value;
        }
        if (first.kind != GoTokenKind::name) return std::nullopt;
        if (text(at) == "(") return conversion(first.text, at, depth);
        if (first.text == "iota") return Value{static_cast<std::int64_t>(state_.iota)};
        auto known = constants_.by_name_.find(first.text);
        if (known == constants_.by_name_.end() || !known->second.second->value) return std::nullopt;
        const auto& [file, constant] = known->second;
        return run(*file, *constant->value, constant->iota, state_.depth + depth + 1);
    }

    std::optional<Value> conversion(std::string_view type, std::size_t& at, unsigned depth) {
        ++at;
        auto value = binary(at, 0, depth + 1);
        if (!value || text(at) != ")") return std::nullopt;
        ++at;
        bool is_unsigned = type.starts_with("u") || type == "byte";
        unsigned bits = type == "int" || type == "uint" || type == "uintptr" ? constants_.pointer_ * 8
            : type == "byte"                                                 ? 8
            : type == "rune"                                                 ? 32
                                                                             : 0;
        if (bits == 0) {
            std::string_view digits = type.starts_with("uint") ? type.substr(4)
                : type.starts_with("int")                      ? type.substr(3)
                                                               : std::string_view();
            bits = digits == "8" ? 8 : digits == "16" ? 16 : digits == "32" ? 32 : digits == "64" ? 64 : 0;
        }
        if (bits == 0) return std::nullopt;
        return fit({value->number, bits, is_unsigned});
    }

    // Within the type; an unsigned one of 64 bits is kept as the same bits.
    static std::optional<Value> fit(Value value) {
        if (value.bits == 0 || value.bits == 64) return value;
        if (value.is_unsigned) value.number &= (std::int64_t{1} << value.bits) - 1;
        return value;
    }

    static std::optional<Value> apply(Value left, std::string_view op, Value right) {
        Value out{.number = 0,
                  .bits = left.bits != 0 ? left.bits : right.bits,
                  .is_unsigned = left.bits != 0 ? left.is_unsigned : right.is_unsigned};
        if (op == "<<" || op == ">>") {
            out.bits = left.bits;
            out.is_unsigned = left.is_unsigned;
            if (right.number < 0 || right.number > 62) {
                // ^uint(0) >> 63
                if (op == "<<" || right.number != 63) return std::nullopt;
            }
            if (op == "<<") {
                if (__builtin_mul_overflow(left.number, std::int64_t{1} << right.number, &out.number)) return std::nullopt;
                return fit(out);
            }
            out.number = left.is_unsigned && left.bits == 64
                ? static_cast<std::int64_t>(static_cast<std::uint64_t>(left.number) >> right.number)
                : left.number >> right.number;
            return out;
        }
        bool overflow = false;
        if (op == "+") overflow = __builtin_add_overflow(left.number, right.number, &out.number);
        else if (op == "-") overflow = __builtin_sub_overflow(left.number, right.number, &out.number);
        else if (op == "*") overflow = __builtin_mul_overflow(left.number, right.number, &out.number);
        else if (op == "&") out.number = left.number & right.number;
        else if (op == "|") out.number = left.number | right.number;
        else if (op == "^") out.number = left.number ^ right.number;
        else if (op == "&^") out.number = left.number & ~right.number;
        else if (right.number == 0 || right.number == -1) return op == "/" && right.number == -1 ? apply({}, "-", left) : std::nullopt;
        else out.number = op == "/" ? left.number / right.number : left.number % right.number;
        if (overflow) return std::nullopt;
        return fit(out);
    }

    const GoConstants& constants_;
    State state_;
    unsigned steps_ = 0;
};

GoConstants::GoConstants(const std::vector<const GoFile*>& files, std::uint32_t pointer) : pointer_(pointer) {
    for (const GoFile* file : files) {
        for (const GoConstant& constant : file->constants) by_name_.try_emplace(constant.name, file, &constant);
    }
}

std::optional<std::int64_t> GoConstants::value(const GoFile& file, const GoExpression& expression) const {
    auto found = GoEvaluator(*this).run(file, expression, 0, 0);
    return found ? std::optional(found->number) : std::nullopt;
}

}  // namespace abiscope::source
