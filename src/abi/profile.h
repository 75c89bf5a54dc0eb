// An ABI profile: every fact that moves a byte of a layout or an argument of a call. Profiles are data (data/abi/), the engine is code; a
// profile is triple + compiler family + version + the flags that matter, and its full name is printed with every result.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/type.h"
#include "base/result.h"

namespace abiscope::abi {

enum class Compiler : std::uint8_t { gcc, clang, msvc, go };
enum class ClassAbi : std::uint8_t { itanium, microsoft, none };         // none: Go
enum class ByteOrder : std::uint8_t { little, big };

// Which calling convention is used where a signature does not say otherwise.
enum class Convention : std::uint8_t {
    sysv_amd64,
    win64,
    vectorcall64,
    sysv_i386,
    cdecl32,
    stdcall,
    fastcall,
    thiscall,
    vectorcall32,
    aapcs64,
    apple_arm64,
    win_arm64,
    aapcs32_base,
    aapcs32_vfp,
    lp64d,
    go_stack,
    go_register,
};

struct ScalarRule {
    std::uint32_t size = 0;          // bytes; 0: the type does not exist under this profile
    std::uint32_t alignment = 0;     // bytes, of a variable (__alignof__)
    std::uint32_t in_record = 0;     // bytes, as a member of a struct: i386's double is 8 alone and 4 here
};

inline constexpr std::size_t scalar_count = static_cast<std::size_t>(Scalar::unsigned_word) + 1;

// How an `_Atomic(T)` differs from T.
enum class AtomicRule : std::uint8_t {
    power_of_two,    // size and alignment grow to the next power of two, up to a limit
    natural_sizes,   // alignment becomes the size where that is 1, 2, 4, 8 or 16; the size stays
};

// How members find their place.
enum class Placement : std::uint8_t {
    stor_layout,  // GCC's reading of the System V rules: storage units come from the type's alignment, a whole-byte bit-field is a member
    itanium,  // clang's reading of the same rules
    microsoft,
};

// Which classes keep their tail padding to themselves: "POD for the purpose of layout".
enum class PodRule : std::uint8_t {
    gnu_cxx03,  // GCC: C++03's POD as of the standard in force, a default member initializer makes a class none
    clang_cxx03,  // clang: C++03's POD, but what is defaulted or deleted at its declaration does not count
    cxx11,  // trivial and of standard layout (Apple arm64)
};

// Members that attribute packed of the record leaves at their alignment.
enum class PackedMembers : std::uint8_t {
    all,  // none is left
    not_pod,  // a class that is no POD and not packed itself stays
    not_pod_nor_array,  // and so does an array of such
};

// What moves the bytes of a type. Every figure is data (data/abi/); Profile::source() names the document it comes from.
struct LayoutRules {
    Placement placement = Placement::stor_layout;
    bool microsoft_bit_fields = false;  // of Placement::stor_layout and itanium, where no attribute says otherwise
    bool unnamed_bit_fields_align = false;  // an unnamed bit-field raises the alignment of its record
    std::uint32_t biggest_alignment = 16;  // bytes, that the compiler gives a type by itself (__BIGGEST_ALIGNMENT__)
    std::uint32_t widest_container = 8;  // bytes, of the type that a bit-field wider than its own gets
    std::uint32_t integer_field_alignment_cap = 0;  // bytes; for integers, double and classes that look like an integer; 0: none
    bool strict_alignment = false;  // GCC forgets the attribute of a record that is aligned as its machine mode is
    PodRule pod = PodRule::gnu_cxx03;
    PackedMembers packed_members = PackedMembers::not_pod_nor_array;
    bool empty_classes_align = true;  // an empty class raises its record's alignment, not only one that an attribute aligns
    bool no_unique_address_to_data =
        false;  // a [[no_unique_address]] member takes its data and no more, and its tail need not lie in the record
    bool nearly_empty_by_size = true;  // a class is nearly empty when it is as large as a pointer; else when it declares nothing
    std::uint32_t vector_alignment_cap = 0;  // bytes; 0: a vector is aligned to its size
    bool integer_vectors_look_like_integers = false;  // for integer_field_alignment_cap
    AtomicRule atomic = AtomicRule::natural_sizes;
    std::uint32_t atomic_promotion_limit = 0;  // bytes, of AtomicRule::power_of_two
    std::uint32_t bit_int_widest = 0;  // bits; 0: no _BitInt
    std::uint32_t bit_int_alignment_cap = 8;  // bytes
    bool enum_always_int = false;  // an enumeration without a fixed type is int, whatever its values
    bool packed_enum = true;  // attribute packed on an enumeration chooses the smallest type
    bool enum_alignment_raises = false;  // attribute aligned of an enumeration: nothing in C, and in C++ it only raises; else it sets
    std::optional<std::uint32_t> empty_struct_size = 0;  // bytes, of C's `struct {}`; none: not accepted
    bool has_complex = true;  // _Complex
};

struct GoSizeClass {
    std::uint32_t bytes = 0;  // of a slot
    std::uint32_t pages = 0;  // of a span
};

// Go's allocator. Nothing for other languages.
struct GoAllocator {
    std::vector<GoSizeClass> classes;  // ascending
    std::uint32_t page = 8192;  // bytes
    std::uint32_t header = 0;  // bytes before an object whose pointer mask is too long to lie in its span; 0: there is none
    std::uint32_t inline_marks = 0;  // bytes at the end of a span of small objects that hold mark bits
};

struct Profile {
    std::string abi;  // sysv-amd64
    std::string name;  // sysv-amd64/gcc-12
    std::string title;  // for people
    std::string triple;  // as clang names it; Go: GOOS/GOARCH
    Compiler compiler = Compiler::gcc;
    std::uint32_t version = 0;  // 12, 19; Go: 126 for 1.26
    std::uint32_t cxx_standard = 17;  // of C++; decides what is an aggregate
    ClassAbi class_abi = ClassAbi::itanium;
    ByteOrder order = ByteOrder::little;
    std::uint32_t pointer = 8;  // bytes
    bool char_is_signed = true;
    std::array<ScalarRule, scalar_count> scalars;
    LayoutRules layout;
    GoAllocator go;
    Convention convention = Convention::sysv_amd64;
    std::vector<std::string> flags;  // as the compiler writes them: -mavx
    std::map<std::string, std::string, std::less<>> sources;  // figure, by its name in data/abi/ -> document and section

    [[nodiscard]] const ScalarRule& scalar(Scalar which) const { return scalars[static_cast<std::size_t>(which)]; }
    // Document and section a figure comes from, empty when the profile does not state the figure.
    [[nodiscard]] std::string_view source(std::string_view figure) const;
};

}  // namespace abiscope::abi
