// A value as a calling convention sees it: its size, its alignment, and the scalars it is made of. The one walk over them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "abi/layout.h"
#include "abi/profile.h"
#include "abi/type.h"
#include "base/result.h"

namespace abiscope::abi {

enum class LeafKind : std::uint8_t { integer, floating, vector };

// One scalar or vector inside a value. Offsets count bits from the start of the value.
struct Leaf {
    LeafKind kind = LeafKind::integer;
    Scalar scalar = Scalar::void_;       // of a floating leaf, and of an integer one that is no pointer
    TypeId type = TypeId::none;
    std::uint64_t bit_offset = 0;
    std::uint64_t bit_size = 0;
    std::uint32_t alignment = 1;         // bytes, of the type, whatever attribute is at the field
    bool is_signed = false;
    bool bit_field = false;
    bool of_union = false;               // a bit-field that is a member of a union itself
    bool unnamed = false;                // a bit-field without a name; in a union also one without bits
    bool in_union = false;
    bool atomic = false;                 // it, or what it lies in, is _Atomic
    bool in_unaligned_record = false;    // a record around it lies at an offset its alignment does not divide
    std::string path;                    // a.b[2]

    [[nodiscard]] std::uint64_t offset() const { return bit_offset / 8; }
    [[nodiscard]] std::uint64_t size() const { return bit_size / 8; }
    [[nodiscard]] std::uint64_t end() const { return (bit_offset + bit_size + 7) / 8; }
};

// A member `T x[0]` or `T x[]`: no bytes, and what one element would be made of where it stands.
struct EmptyArray {
    TypeId element = TypeId::none;
    std::uint64_t bit_offset = 0;
    bool flexible = false;               // []: `leaves` is empty
    std::vector<Leaf> leaves;
};

// The two halves of one complex number.
[[nodiscard]] bool is_one_complex(const TypeTable& types, const std::vector<Leaf>& leaves);

enum class Shape : std::uint8_t { nothing, integer, floating, vector, complex, aggregate };

struct Value {
    TypeId type = TypeId::none;          // resolved
    Shape shape = Shape::nothing;
    Scalar scalar = Scalar::void_;       // of a floating value and of the parts of a complex one; of an integer that is no pointer
    std::uint64_t size = 0;              // bytes
    std::uint64_t alignment = 1;         // bytes, as declared
    std::uint64_t natural_alignment = 1; // bytes, without an attribute of the type itself
    std::uint64_t required_alignment = 1; // bytes, by an attribute of the type or of a member in any depth
    bool is_signed = false;
    bool is_pointer = false;
    bool is_union = false;
    bool empty = false;                  // a record without data in the compiler's view: C's has no bytes, C++'s one
    bool has_flexible_array = false;

    [[nodiscard]] bool is_scalar() const { return shape == Shape::integer || shape == Shape::floating; }
    [[nodiscard]] bool is_class() const { return shape == Shape::aggregate; }
};

class Values {
public:
    Values(const TypeTable& types, const Profile& profile) : types_(types), profile_(profile) {}

    // Arrays and functions become pointers when `decays`, as they do as parameters of C.
    [[nodiscard]] Result<Value> value(TypeId type, bool decays = false) const;

    // In the order of their places in the declaration. Error limit_reached for a type with more leaves than any convention looks at.
    [[nodiscard]] Result<std::vector<Leaf>> leaves(TypeId type) const;
    // The same, but of a type with more than `count` leaves only the first `count` + 1.
    [[nodiscard]] Result<std::vector<Leaf>> first_leaves(TypeId type, std::size_t count) const;

    // In any depth, those inside the elements of others too.
    [[nodiscard]] Result<std::vector<EmptyArray>> empty_arrays(TypeId type) const;
    [[nodiscard]] bool has_flexible_array(TypeId type) const;   // in any depth

    // Every type inside, itself included, through arrays, bases and fields; each once.
    [[nodiscard]] std::vector<TypeId> parts(TypeId type) const;

    // lay_out(), remembered: the walks ask for the same records again and again.
    [[nodiscard]] Result<const Layout*> layout(TypeId type) const;

    [[nodiscard]] Value pointer() const;                     // a hidden one
    [[nodiscard]] Value builtin(Scalar scalar, bool is_signed) const;
    [[nodiscard]] bool has_data(TypeId type, unsigned depth = 0) const;          // anything but empty records and arrays of them
    // The same as clang sees it (19, CodeGen/ABIInfoImpl.cpp, isEmptyRecord and isEmptyField): a member that is an empty class is data.
    [[nodiscard]] bool has_data_to_clang(TypeId record, unsigned depth = 0) const;
    [[nodiscard]] bool has_data_to_clang(const Field& field, unsigned depth = 0) const;

    [[nodiscard]] const TypeTable& types() const { return types_; }
    [[nodiscard]] const Profile& profile() const { return profile_; }

private:
    struct Walk;
    [[nodiscard]] std::uint64_t members_alignment(const Layout& own, const Record* record) const;
    [[nodiscard]] std::uint64_t required_alignment(TypeId type, unsigned depth, std::map<TypeId, std::uint64_t>& known) const;
    [[nodiscard]] TypeId strip(TypeId type) const;  // aliases, qualifiers, _Atomic
    [[nodiscard]] Result<void> walk(TypeId type, Walk& walk) const;
    [[nodiscard]] Result<void> walk_record(TypeId type, const Record& record, Walk& walk) const;
    [[nodiscard]] Result<void> walk_array(const Type& array, Walk& walk) const;

    const TypeTable& types_;
    const Profile& profile_;
    mutable std::map<TypeId, Layout> layouts_;
    mutable std::map<TypeId, bool> data_;  // of records, as has_data() says
    mutable std::map<TypeId, bool> data_to_clang_;
};

[[nodiscard]] bool is_floating(Scalar scalar);
[[nodiscard]] bool is_signed_integer(Scalar scalar, bool char_is_signed);
[[nodiscard]] constexpr std::uint64_t align_up(std::uint64_t value, std::uint64_t alignment) {
    return alignment <= 1 ? value : (value + alignment - 1) / alignment * alignment;
}

}  // namespace abiscope::abi
