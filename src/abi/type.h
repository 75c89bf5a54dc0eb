// Types as the source of a program says them: what is declared, not what an ABI makes of it. C, C++, Rust and Go share one model, so that
// a type read from DWARF, from a header or from a Go file can be laid out under every profile.
//
// Sizes and alignments are bytes, widths of bit-fields are bits. What a file itself says of a layout (DWARF) is kept apart, in `Observed`:
// the engine never reads it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace abiscope::abi {

// Names a type of one TypeTable.
enum class TypeId : std::uint32_t { none = 0xffffffff };

enum class Language : std::uint8_t { c, cxx, rust, go };

enum class Kind : std::uint8_t {
    scalar,
    pointer,
    reference,                // & and &&
    member_data_pointer,      // target: the member's type; owner: the class
    member_function_pointer,  // owner: the class
    array,                    // count empty: a flexible or incomplete array
    vector,                   // GNU vector_size, __m128; count: elements
    complex,                  // target: float, double or long double
    enumeration,
    record,                   // struct, class, union
    alias,                    // typedef, using
    qualified,                // const, volatile, restrict
    atomic,                   // _Atomic(T); std::atomic is a record
    function,
    go_string,
    go_slice,
    go_interface,             // with methods or without: two words
    go_map,
    go_channel,
    go_function,
    unknown,                  // named, but its declaration is not there, or says what this model has no word for
};

// Scalars by what the source calls them: how wide `long` is, a profile says. `fixed_*` and `bit_int*` carry their width in Type::bits,
// `word` and `unsigned_word` are as wide as a pointer (size_t, isize, Go's int).
enum class Scalar : std::uint8_t {
    void_,
    boolean,
    character,
    signed_char,
    unsigned_char,
    wide_character,
    char8,
    char16,
    char32,
    short_,
    unsigned_short,
    int_,
    unsigned_int,
    long_,
    unsigned_long,
    long_long,
    unsigned_long_long,
    int128,
    unsigned_int128,
    half,
    bfloat16,
    float_,
    double_,
    long_double,
    float128,
    null_pointer,             // std::nullptr_t
    fixed_signed,
    fixed_unsigned,
    bit_int,
    unsigned_bit_int,
    word,
    unsigned_word,
};

enum class RecordKind : std::uint8_t { structure, class_, union_ };
enum class Access : std::uint8_t { public_, protected_, private_ };
enum class BitFieldStyle : std::uint8_t { profile, gnu, microsoft };   // of the profile, or by attribute gcc_struct, ms_struct

// In which order the bytes of a scalar lie; another than the machine's by scalar_storage_order.
enum class StorageOrder : std::uint8_t { native, big, little };
[[nodiscard]] std::string_view to_string(StorageOrder order);

// How a special member function of C++ is declared. `implicit` covers "not declared"; whether an implicit one is trivial follows from the
// bases and fields.
enum class Declared : std::uint8_t { implicit, defaulted, deleted, user_provided };

struct SpecialMembers {
    Declared default_constructor = Declared::implicit;
    Declared copy_constructor = Declared::implicit;
    Declared move_constructor = Declared::implicit;
    Declared copy_assignment = Declared::implicit;
    Declared move_assignment = Declared::implicit;
    Declared destructor = Declared::implicit;
    bool other_constructor = false;         // one that is none of the above, user-provided
    bool inherited_constructors = false;    // using Base::Base
    bool ineligible_user_provided = false;  // one that constraints keep out (C++20, [special]), and that is not told above
};

// What a file says of where something lies; the engine never reads it.
struct Observed {
    std::optional<std::uint64_t> size;          // bytes, of a type
    std::optional<std::uint64_t> alignment;     // bytes, of a type or field (DW_AT_alignment)
    std::optional<std::uint64_t> bit_offset;    // of a field or base, from the start of the record
};

struct Field {
    std::string name;                           // empty: an unnamed bit-field, or an anonymous struct or union
    TypeId type = TypeId::none;
    std::optional<std::uint32_t> bit_width;     // of a bit-field
    std::uint32_t alignment = 0;                // alignas, aligned(n), __declspec(align(n)); 0: none
    bool packed = false;
    bool no_unique_address = false;             // [[no_unique_address]]
    bool msvc_no_unique_address = false;        // [[msvc::no_unique_address]]
    bool has_initializer = false;               // int a = 1;
    bool embedded = false;                      // Go
    Access access = Access::public_;
    Observed observed;
};

struct Base {
    TypeId type = TypeId::none;
    bool is_virtual = false;
    Access access = Access::public_;
    Observed observed;
};

// A virtual function that the class itself declares. Two with the same signature override each other; the destructor's is "~".
struct VirtualFunction {
    std::string signature;                      // name, parameter types and qualifiers, as written
    bool pure = false;
    // What a file records of it, where that was asked for.
    std::string linkage_name;
    std::optional<std::uint64_t> slot;          // in the table it is called through, from 0
    TypeId type = TypeId::none;                 // a function, `this` first
};

// A Rust enum's variant, or a variant part of any other language (DW_TAG_variant).
struct Variant {
    std::string name;
    std::optional<std::uint64_t> discriminant;  // empty: the default
    std::vector<Field> fields;
};

// How far a class is from a single line of bases, in Microsoft's words (Microsoft Learn, Inheritance keywords).
enum class Inheritance : std::uint8_t { single, multiple, virtual_, unspecified };

struct Record {
    RecordKind kind = RecordKind::structure;
    bool complete = true;                       // false: declared only
    std::vector<Base> bases;                    // in the order of declaration
    std::vector<Field> fields;                  // non-static data members, in the order of declaration
    std::vector<VirtualFunction> virtual_functions;
    std::vector<TypeId> template_arguments;     // those that are types, where that was asked for
    SpecialMembers special;
    bool packed = false;                        // attribute packed
    std::uint32_t pack = 0;                     // #pragma pack in force at the definition; 0: none
    BitFieldStyle bit_fields = BitFieldStyle::profile;
    bool empty_bases = false;                   // __declspec(empty_bases)
    bool is_final = false;
    bool trivial_abi = false;                   // [[clang::trivial_abi]]
    std::optional<bool> passed_by_value;        // of a class: what a file records of its calls (DW_CC_pass_by_value); empty: nothing
    // How Microsoft's compilers store pointers to members of the class, decided where they first met one or by a keyword
    // (__single_inheritance); empty: by the bases.
    std::optional<Inheritance> inheritance;
    bool transparent_union = false;
    bool host_layout = false;                   // Go: holds structs.HostLayout
    std::optional<Field> discriminant;          // of a variant part
    std::vector<Variant> variants;
    // The same record with other unnamed bit-fields, where a file records none and several explain the places it does record. `fields`
    // holds one reading, these types the others. An answer is one only where all of them agree.
    std::vector<TypeId> other_readings;
    std::string refused;                        // why it has no layout anybody could compute here: an attribute without a word above
};

struct Enumerator {
    std::string name;
    std::int64_t value = 0;                     // of an unsigned type above 2^63: the same bits
};

struct Enumeration {
    bool fixed = false;                         // the source names the underlying type; Type::target holds it
    bool scoped = false;
    bool packed = false;
    std::int64_t least = 0;                     // of the enumerators; both 0 when there are none
    std::uint64_t greatest = 0;                 // of those that are not negative
    std::vector<Enumerator> enumerators;        // in the order of declaration; empty where nobody asked for them
};

struct Function {
    TypeId result = TypeId::none;
    std::vector<TypeId> parameters;
    bool variadic = false;
    std::optional<std::uint64_t> calling_convention;   // DW_CC_*, where a file records one
};

// Where a type is declared.
struct SourceLine {
    std::string file;
    std::uint32_t line = 0;                     // 0: unknown
};

struct Type {
    Kind kind = Kind::unknown;
    Language language = Language::c;
    Scalar scalar = Scalar::void_;
    std::string name;                           // qualified, as the source writes it; empty when it has none
    TypeId target = TypeId::none;               // pointee, element, aliased, qualified, underlying
    TypeId owner = TypeId::none;                // class of a member pointer; key of a Go map
    std::optional<std::uint64_t> count;         // of array and vector elements
    std::uint32_t bits = 0;                     // of fixed_* and bit_int*
    std::uint32_t alignment = 0;                // an attribute of this very declaration (record, typedef, enumeration); 0: none
    bool is_const = false;                      // of a qualified type
    bool is_volatile = false;
    bool unsigned_character = false;            // of a `character`: the file says that it has no sign
    StorageOrder order = StorageOrder::native;  // of a scalar or complex
    std::uint32_t detail = none;                // index of the Record, Enumeration or Function
    Observed observed;
    SourceLine declared;

    static constexpr std::uint32_t none = 0xffffffff;
};

// All types of one program or header. Ids are given in the order of adding and stay valid.
class TypeTable {
public:
    TypeId add(Type type);
    TypeId add(Type type, Record record);
    TypeId add(Type type, Enumeration enumeration);
    TypeId add(Type type, Function function);

    [[nodiscard]] std::size_t size() const { return types_.size(); }
    [[nodiscard]] bool contains(TypeId id) const { return static_cast<std::size_t>(id) < types_.size(); }
    [[nodiscard]] const Type& at(TypeId id) const { return types_[static_cast<std::size_t>(id)]; }
    [[nodiscard]] Type& at(TypeId id) { return types_[static_cast<std::size_t>(id)]; }

    // The detail of a type of that kind, else null.
    [[nodiscard]] const Record* record(TypeId id) const;
    [[nodiscard]] Record* record(TypeId id);
    [[nodiscard]] const Enumeration* enumeration(TypeId id) const;
    [[nodiscard]] const Function* function(TypeId id) const;

    // Makes everything that names type i name to[i] instead: one for each type.
    void redirect(const std::vector<TypeId>& to);

    // Through aliases and qualifiers to what is meant; TypeId::none for a cycle, or where the chain ends in none.
    [[nodiscard]] TypeId resolve(TypeId id) const;

    // Of a scalar, or of those that an array or another wrapper of scalars holds; native for all else.
    [[nodiscard]] StorageOrder storage_order(TypeId id) const;

private:
    std::vector<Type> types_;
    std::vector<Record> records_;
    std::vector<Enumeration> enumerations_;
    std::vector<Function> functions_;
};

}  // namespace abiscope::abi
