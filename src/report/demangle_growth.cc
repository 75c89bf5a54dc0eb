#include "report/demangle_growth.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include <libiberty/demangle.h>

namespace abiscope::report {

namespace {

constexpr std::uint64_t unbounded = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t punctuation = 8;   // around a part: "<, >", "const&", "::"
constexpr std::uint64_t word = 64;         // of an operator or a type of the language
constexpr unsigned deepest = 1024;

std::uint64_t plus(std::uint64_t a, std::uint64_t b) { return a > unbounded - b ? unbounded : a + b; }
std::uint64_t times(std::uint64_t a, std::uint64_t b) { return b != 0 && a > unbounded / b ? unbounded : a * b; }

// What a part comes to with everything it refers to written out, but for template parameters.
struct Size {
    std::uint64_t bytes = 0;
    std::uint64_t parameters = 0;
    unsigned scopes = 0;               // of template parameters, nested in each other

    void add(const Size& other) {
        bytes = plus(bytes, other.bytes);
        parameters = plus(parameters, other.parameters);
        scopes = std::max(scopes, other.scopes);
    }
};

struct Children {
    const demangle_component* left = nullptr;
    const demangle_component* right = nullptr;
    std::uint64_t own = punctuation;
};

// The arm of the union that a kind of part uses, after d_make_comp() and its like in libiberty's cp-demangle.c. Nothing: not a kind of
// this list.
std::optional<Children> children_of(const demangle_component& part) {
    switch (part.type) {
        case DEMANGLE_COMPONENT_NAME: return Children{.own = static_cast<std::uint64_t>(std::max(part.u.s_name.len, 0)) + punctuation};
        case DEMANGLE_COMPONENT_SUB_STD: return Children{.own = static_cast<std::uint64_t>(std::max(part.u.s_string.len, 0)) + punctuation};
        case DEMANGLE_COMPONENT_OPERATOR:
        case DEMANGLE_COMPONENT_BUILTIN_TYPE:
        case DEMANGLE_COMPONENT_EXTENDED_BUILTIN_TYPE:
        case DEMANGLE_COMPONENT_TEMPLATE_PARAM:
        case DEMANGLE_COMPONENT_FUNCTION_PARAM:
        case DEMANGLE_COMPONENT_CHARACTER:
        case DEMANGLE_COMPONENT_NUMBER:
        case DEMANGLE_COMPONENT_UNNAMED_TYPE: return Children{.own = word};
        case DEMANGLE_COMPONENT_EXTENDED_OPERATOR: return Children{.left = part.u.s_extended_operator.name};
        case DEMANGLE_COMPONENT_FIXED_TYPE: return Children{.left = part.u.s_fixed.length, .own = word};
        case DEMANGLE_COMPONENT_CTOR: return Children{.left = part.u.s_ctor.name};
        case DEMANGLE_COMPONENT_DTOR: return Children{.left = part.u.s_dtor.name};
        case DEMANGLE_COMPONENT_LAMBDA:
        case DEMANGLE_COMPONENT_DEFAULT_ARG: return Children{.left = part.u.s_unary_num.sub, .own = word};
        case DEMANGLE_COMPONENT_QUAL_NAME:
        case DEMANGLE_COMPONENT_LOCAL_NAME:
        case DEMANGLE_COMPONENT_TYPED_NAME:
        case DEMANGLE_COMPONENT_TEMPLATE:
        case DEMANGLE_COMPONENT_VTABLE:
        case DEMANGLE_COMPONENT_VTT:
        case DEMANGLE_COMPONENT_CONSTRUCTION_VTABLE:
        case DEMANGLE_COMPONENT_TYPEINFO:
        case DEMANGLE_COMPONENT_TYPEINFO_NAME:
        case DEMANGLE_COMPONENT_TYPEINFO_FN:
        case DEMANGLE_COMPONENT_THUNK:
        case DEMANGLE_COMPONENT_VIRTUAL_THUNK:
        case DEMANGLE_COMPONENT_COVARIANT_THUNK:
        case DEMANGLE_COMPONENT_GUARD:
        case DEMANGLE_COMPONENT_TLS_INIT:
        case DEMANGLE_COMPONENT_TLS_WRAPPER:
        case DEMANGLE_COMPONENT_REFTEMP:
        case DEMANGLE_COMPONENT_HIDDEN_ALIAS:
        case DEMANGLE_COMPONENT_RESTRICT:
        case DEMANGLE_COMPONENT_VOLATILE:
        case DEMANGLE_COMPONENT_CONST:
        case DEMANGLE_COMPONENT_RESTRICT_THIS:
        case DEMANGLE_COMPONENT_VOLATILE_THIS:
        case DEMANGLE_COMPONENT_CONST_THIS:
        case DEMANGLE_COMPONENT_REFERENCE_THIS:
        case DEMANGLE_COMPONENT_RVALUE_REFERENCE_THIS:
        case DEMANGLE_COMPONENT_VENDOR_TYPE_QUAL:
        case DEMANGLE_COMPONENT_POINTER:
        case DEMANGLE_COMPONENT_REFERENCE:
        case DEMANGLE_COMPONENT_RVALUE_REFERENCE:
        case DEMANGLE_COMPONENT_COMPLEX:
        case DEMANGLE_COMPONENT_IMAGINARY:
        case DEMANGLE_COMPONENT_VENDOR_TYPE:
        case DEMANGLE_COMPONENT_FUNCTION_TYPE:
        case DEMANGLE_COMPONENT_ARRAY_TYPE:
        case DEMANGLE_COMPONENT_PTRMEM_TYPE:
        case DEMANGLE_COMPONENT_VECTOR_TYPE:
        case DEMANGLE_COMPONENT_ARGLIST:
        case DEMANGLE_COMPONENT_TEMPLATE_ARGLIST:
        case DEMANGLE_COMPONENT_INITIALIZER_LIST:
        case DEMANGLE_COMPONENT_CAST:
        case DEMANGLE_COMPONENT_CONVERSION:
        case DEMANGLE_COMPONENT_NULLARY:
        case DEMANGLE_COMPONENT_UNARY:
        case DEMANGLE_COMPONENT_BINARY:
        case DEMANGLE_COMPONENT_BINARY_ARGS:
        case DEMANGLE_COMPONENT_TRINARY:
        case DEMANGLE_COMPONENT_TRINARY_ARG1:
        case DEMANGLE_COMPONENT_TRINARY_ARG2:
        case DEMANGLE_COMPONENT_LITERAL:
        case DEMANGLE_COMPONENT_LITERAL_NEG:
        case DEMANGLE_COMPONENT_DECLTYPE:
        case DEMANGLE_COMPONENT_PACK_EXPANSION:
        case DEMANGLE_COMPONENT_TAGGED_NAME:
        case DEMANGLE_COMPONENT_CLONE:
        case DEMANGLE_COMPONENT_NOEXCEPT:
        case DEMANGLE_COMPONENT_THROW_SPEC:
        case DEMANGLE_COMPONENT_STRUCTURED_BINDING: return Children{.left = part.u.s_binary.left, .right = part.u.s_binary.right};
        default: return std::nullopt;
    }
}

// The arguments that parameters in a function's type refer to, as d_print_comp_inner() finds them for a TYPED_NAME.
const demangle_component* scope_of(const demangle_component* name) {
    for (unsigned steps = 0; name != nullptr && steps < deepest; ++steps) {
        switch (name->type) {
            case DEMANGLE_COMPONENT_TEMPLATE: return name->u.s_binary.right;
            case DEMANGLE_COMPONENT_LOCAL_NAME: name = name->u.s_binary.right; break;
            case DEMANGLE_COMPONENT_DEFAULT_ARG: name = name->u.s_unary_num.sub; break;
            case DEMANGLE_COMPONENT_RESTRICT_THIS:
            case DEMANGLE_COMPONENT_VOLATILE_THIS:
            case DEMANGLE_COMPONENT_CONST_THIS:
            case DEMANGLE_COMPONENT_REFERENCE_THIS:
            case DEMANGLE_COMPONENT_RVALUE_REFERENCE_THIS:
            case DEMANGLE_COMPONENT_NOEXCEPT:
            case DEMANGLE_COMPONENT_THROW_SPEC: name = name->u.s_binary.left; break;
            default: return nullptr;
        }
    }
    return nullptr;
}

class Measure {
public:
    // `arguments`: of all templates, the most a pack can have.
    Measure(std::uint64_t arguments, bool conversions) : most_expanded_(arguments + 2), conversions_(conversions) {}

    [[nodiscard]] std::uint64_t arguments() const { return arguments_; }
    [[nodiscard]] bool conversions() const { return conversions_; }
    [[nodiscard]] bool complete() const { return complete_; }
    [[nodiscard]] const Size& largest_argument() const { return argument_; }

    // Parts are measured once, however often they are referred to.
    Size of(const demangle_component* part, unsigned depth = 0) {
        if (part == nullptr || !complete_) return {};
        if (auto known = known_.find(part); known != known_.end()) return known->second;
        auto children = children_of(*part);
        if (!children || depth > deepest || !open_.insert(part).second) {
            complete_ = false;
            return {};
        }
        Size size{.bytes = children->own};
        size.add(of(children->left, depth + 1));
        size.add(of(children->right, depth + 1));
        open_.erase(part);
        if (part->type == DEMANGLE_COMPONENT_TEMPLATE_PARAM) ++size.parameters;
        // `auto` in the parameters of a lambda.
        if (part->type == DEMANGLE_COMPONENT_LAMBDA) size.parameters = 0;
        if (part->type == DEMANGLE_COMPONENT_TEMPLATE_ARGLIST) ++arguments_;
        // A conversion to a template parameter has its scope from the template that is being written.
        const demangle_component* scope = nullptr;
        if (part->type == DEMANGLE_COMPONENT_TYPED_NAME) scope = scope_of(part->u.s_binary.left);
        if (part->type == DEMANGLE_COMPONENT_TEMPLATE && conversions_) scope = part->u.s_binary.right;
        if (part->type == DEMANGLE_COMPONENT_CONVERSION) conversions_ = true;
        if (scope != nullptr) {
            ++size.scopes;
            Size own = of(scope, depth + 1);
            argument_.bytes = std::max(argument_.bytes, own.bytes);
            argument_.parameters = std::max(argument_.parameters, own.parameters);
        }
        // Its pattern is written for each argument of a pack, and searched for the pack before.
        if (part->type == DEMANGLE_COMPONENT_PACK_EXPANSION) {
            size.bytes = times(size.bytes, most_expanded_);
            size.parameters = times(size.parameters, most_expanded_);
        }
        known_.emplace(part, size);
        return size;
    }

private:
    std::unordered_map<const demangle_component*, Size> known_;
    std::unordered_set<const demangle_component*> open_;
    Size argument_;                    // the largest that a parameter can refer to
    std::uint64_t most_expanded_;
    bool conversions_;
    std::uint64_t arguments_ = 0;
    bool complete_ = true;
};

}  // namespace

std::uint64_t written_size(const demangle_component& tree) {
    Measure counting(0, false);
    counting.of(&tree);
    Measure measure(counting.arguments(), counting.conversions());
    Size whole = measure.of(&tree);
    if (!measure.complete()) return unbounded;
    // A parameter is written as its argument, in which parameters of templates further out are written as theirs.
    std::uint64_t parameters = whole.parameters;
    std::uint64_t bytes = whole.bytes;
    for (unsigned level = 0; level <= whole.scopes && parameters != 0; ++level) {
        bytes = plus(bytes, times(parameters, measure.largest_argument().bytes));
        parameters = times(parameters, measure.largest_argument().parameters);
    }
    return bytes;
}

}  // namespace abiscope::report
