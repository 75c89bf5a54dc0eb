#include "abi/call_i386_stack.h"

#include <algorithm>
#include <set>

#include "abi/element_type.h"

namespace abiscope::abi {

namespace {

constexpr std::uint64_t word = 4;
constexpr std::uint64_t vector_alignment = 16;

// GCC 12, i386.cc, ix86_contains_aligned_value_p: a vector or __float128 in records that are all aligned as it is. `seen`: those without.
bool contains_aligned_vector(const CallPlacement& placement, TypeId type, std::set<TypeId>& seen) {
    const TypeTable& types = placement.types;
    TypeId id = element_type(types, type);
    if (!types.contains(id) || !seen.insert(id).second) return false;
    if (types.at(id).kind == Kind::scalar) return types.at(id).scalar == Scalar::float128;
    auto layout = placement.values.layout(id);
    if (!layout || (*layout)->alignment < vector_alignment) return false;
    const Record* record = types.record(id);
    if (record == nullptr) return types.at(id).kind == Kind::vector;
    auto holds = [&](const auto& part) { return contains_aligned_vector(placement, part.type, seen); };
    return std::ranges::any_of(record->bases, holds) || std::ranges::any_of(record->fields, holds);
}

}  // namespace

std::uint64_t i386_stack_alignment(const CallPlacement& placement, const Value& value) {
    if (value.shape == Shape::vector) return value.natural_alignment >= vector_alignment ? value.natural_alignment : word;
    if (!placement.is_gcc()) return word;
    if (value.scalar == Scalar::float128) return vector_alignment;
    if (!value.is_class() || value.alignment < vector_alignment) return word;
    std::set<TypeId> seen;
    bool holds = contains_aligned_vector(placement, value.type, seen);
    return holds ? value.alignment : word;
}

namespace {

// clang 19, CodeGen/Targets/X86.cpp, is32Or64BitBasicType.
Result<bool> is_basic(const CallPlacement& placement, TypeId type) {
    const TypeTable& types = placement.types;
    if (types.at(types.resolve(type)).kind == Kind::atomic) return false;
    ABISCOPE_TRY(Value value, placement.values.value(type));
    const Type& plain = types.at(value.type);
    if (plain.kind == Kind::complex) return is_basic(placement, plain.target);
    bool basic =
        plain.kind == Kind::scalar || plain.kind == Kind::pointer || plain.kind == Kind::reference || plain.kind == Kind::enumeration;
    return basic && !is_bit_int(value) && (value.size == word || value.size == 2 * word);
}

// Whether it may hold nothing but data members of C (clang 19, AST/DeclCXX.cpp, CXXRecordDecl::isCLike).
bool may_be_like_c(const Record& record, const ClassTraits& traits) {
    bool plain = !traits.user_constructor && traits.trivial_default_constructor && traits.trivial_copy && traits.trivial_copy_assignment &&
        traits.trivial_destructor && !traits.has_hidden_data;
    return plain && std::ranges::none_of(record.fields, &Field::has_initializer);
}

// clang hands the members of a small record over one by one where their sizes add up to the whole (canExpandIndirectArgument), and of a
// union the largest alone (CodeGen/CGCall.cpp, getTypeExpansion). The bytes that travel.
Result<std::uint64_t> expanded_size(const CallPlacement& placement, const Item& item) {
    constexpr std::uint64_t widest = 4 * word;
    const Value& value = item.value;
    const Record* record = value.is_class() ? placement.types.record(value.type) : nullptr;
    if (!placement.is_clang() || record == nullptr || !value.is_union || value.size > widest) return value.size;
    std::uint64_t sum = 0, largest = 0;
    for (const Field& field : record->fields) {
        if (field.bit_width) return value.size;
        ABISCOPE_TRY(bool basic, is_basic(placement, field.type));
        if (!basic) return value.size;
        ABISCOPE_TRY(Value member, placement.values.value(field.type));
        sum += member.size;
        largest = std::max(largest, member.size);
    }
    if (sum != value.size || largest == value.size) return value.size;
    if (placement.types.at(value.type).language != Language::cxx || placement.microsoft_classes()) return largest;
    if (!may_be_like_c(*record, item.traits)) return value.size;
    return fail(ErrorCode::unsupported,
                "clang passes of such a union the largest member alone where nothing but data members is declared in it, and all of it "
                "where anything else is, which is not known here");
}

}  // namespace

Result<StackRoom> i386_stack_room(const CallPlacement& placement, const Item& item) {
    StackRoom room;
    ABISCOPE_TRY(room.carried, expanded_size(placement, item));
    // LLVM 19, CodeGen/CallingConvLower.cpp, CCState::HandleByVal with X86CallingConv.td, CCPassByVal<4, 4>: at least a word.
    std::uint64_t least = placement.is_flexible_to_clang(item.value) ? word : 0;
    room.taken = std::max(least, align_up(room.carried, word));
    if (room.carried < item.value.size)
        room.why = "clang 19, X86.cpp, X86_32ABIInfo::canExpandIndirectArgument: the largest member of such a union travels alone";
    return room;
}

}  // namespace abiscope::abi
