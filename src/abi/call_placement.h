// One call while its arguments are being placed: what every convention needs, and the list of conventions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abi/call.h"
#include "abi/call_class.h"
#include "abi/call_values.h"
#include "abi/convention.h"
#include "base/result.h"

namespace abiscope::abi {

// One thing that travels into the call: an argument, `this`, or the address of the result's place.
struct Item {
    Travels travels;
    Value value;               // of what travels: a pointer for what is passed by one
    ClassTraits traits;        // of the argument's own type
    bool variadic = false;
    bool is_this = false;
    bool is_result_pointer = false;
};

// Registers of one kind, given away in order.
class Registers {
public:
    explicit Registers(const std::vector<std::string>& names) : names_(&names) {}
    [[nodiscard]] std::size_t left() const { return names_->size() - next_; }
    [[nodiscard]] std::size_t next() const { return next_; }
    const std::string& take() { return (*names_)[next_++]; }   // only when left() > 0
    void skip_to(std::size_t index) { next_ = std::min(std::max(next_, index), names_->size()); }
    void exhaust() { next_ = names_->size(); }

private:
    const std::vector<std::string>* names_;
    std::size_t next_ = 0;
};

enum class HiddenOrder : std::uint8_t {
    result_first,   // Itanium: the result's place, this, arguments
    this_first,     // Microsoft: this, the result's place, arguments
};

[[nodiscard]] bool is_bit_int(const Value& value);
// On 32-bit x86 and on Windows x64 a _BitInt wider than 64 bits is stored where a pointer leads, argument and result.
[[nodiscard]] bool is_wide_bit_int(const Value& value);
inline constexpr std::string_view wide_bit_int = "a _BitInt of more than 64 bits travels by pointer";
inline constexpr std::string_view wide_bit_int_rule =
    "clang 19, CodeGen/Targets/X86.cpp, X86_32ABIInfo and WinX86_64ABIInfo, and ARM.cpp, ARMABIInfo: \"Pass over-sized _BitInt's indirect\"";

class CallPlacement {
public:
    CallPlacement(const TypeTable& types, const Signature& signature, const Profile& profile, Convention convention,
                  const ConventionData& data);

    const TypeTable& types;
    const Signature& signature;
    const Profile& profile;
    const ConventionData& data;
    Values values;
    Call call;
    std::uint64_t stack = 0;   // bytes of stack arguments so far

    // Whether the code is compiled with that switch, by the profile or the signature.
    [[nodiscard]] bool has_switch(std::string_view name) const;

    // Whether a constructor or destructor returns `this`, which no declaration says.
    [[nodiscard]] bool returns_this() const;
    // The one result of a C or C++ function, of shape nothing for none.
    [[nodiscard]] Result<Value> result() const;
    [[nodiscard]] Result<ClassTraits> result_traits() const;
    [[nodiscard]] bool is_method() const { return signature.receiver.has_value(); }
    [[nodiscard]] bool microsoft_classes() const { return profile.class_abi == ClassAbi::microsoft; }
    [[nodiscard]] bool is_clang() const { return profile.compiler == Compiler::clang; }
    [[nodiscard]] bool is_gcc() const { return profile.compiler == Compiler::gcc; }
    // Arguments beyond the named ones of `...`, and all of a function without a prototype.
    [[nodiscard]] bool is_variadic() const { return signature.named.has_value(); }

    // Microsoft's `this` comes first where a class is returned; before the place of any other result it does not.
    [[nodiscard]] Result<HiddenOrder> hidden_order() const;
    // Everything that travels in, in the order it is given registers. `result_pointer`: the address of the result's place travels as an
    // argument.
    [[nodiscard]] Result<std::vector<Item>> items(bool result_pointer, HiddenOrder order) const;

    // clang hands a struct with a flexible array member to the code generator by its address (CodeGen/Targets/X86.cpp, ARM.cpp and others:
    // RecordDecl::hasFlexibleArrayMember).
    [[nodiscard]] bool is_flexible_to_clang(const Value& value) const {
        return is_clang() && value.is_class() && values.has_flexible_array(value.type);
    }
    [[nodiscard]] bool is_cxx_class(const Value& value) const;
    // Why a class comes back through a pointer whatever its size, by the C++ ABI; empty when its bytes decide.
    [[nodiscard]] std::string class_in_memory(const Value& value, const ClassTraits& traits) const;

    // Makes the pointer to a copy of the argument travel in its place.
    void by_pointer(Item& item, std::string class_name, std::string why, std::string rule) const;

    // The next place on the stack, of whole slots: its offset from the stack pointer at the call.
    std::uint64_t stack_place(std::uint64_t size, std::uint64_t alignment);
    static Location in_register(LocationKind kind, std::string name, std::uint64_t byte_offset, std::uint64_t size);
    static Location on_stack(std::uint64_t offset, std::uint64_t byte_offset, std::uint64_t size);

    void add_result(Travels travels) { call.results.push_back(std::move(travels)); }
    // A result that is stored where the caller says.
    void result_in_memory(const Value& value, std::string class_name, std::vector<Step> steps);
    Travels result_travels(const Value& value) const;
    void note(std::string what, std::string rule) { call.notes.push_back({std::move(what), std::move(rule)}); }
};

// fastcall and its kin on 32-bit x86: integers and pointers of up to 4 bytes take registers, and some of what does not takes them away from
// later arguments all the same. GCC counts wide integers and aggregates, clang aggregates, Microsoft's compiler (and clang as such)
// nothing.
class FastRegisters {
public:
    FastRegisters(const CallPlacement& placement, const std::vector<std::string>& names)
        : placement_(placement), registers_(names), count_(names.size()) {}

    [[nodiscard]] bool available() const { return count_ > 0 && registers_.left() > 0; }
    const std::string& take();
    // After an argument that went to the stack.
    Result<void> use_up(const Value& value);

private:
    const CallPlacement& placement_;
    Registers registers_;
    std::size_t count_;
};

// A float or double alone in any depth of structs and unions.
[[nodiscard]] Result<bool> is_single_float(const Values& values, const Value& value);

// x0 as w0 would be wrong for a 3-byte piece: general registers keep their full name. Vector registers are named by the width in use.
[[nodiscard]] std::string x86_vector_name(const std::string& xmm, std::uint64_t size);
[[nodiscard]] std::string arm64_vector_name(const std::string& v, std::uint64_t size);

// One file each: call_NAME.cc. They fill CallPlacement::call.
Result<void> place_sysv_amd64(CallPlacement& placement);
Result<void> place_win64(CallPlacement& placement);
Result<void> place_i386(CallPlacement& placement);
Result<void> place_windows32(CallPlacement& placement);
Result<void> place_aapcs64(CallPlacement& placement);
Result<void> place_aapcs32(CallPlacement& placement);
Result<void> place_riscv(CallPlacement& placement);
Result<void> place_go(CallPlacement& placement);
// call_regparm.cc: of a call that was placed on the stack. Error unsupported for what it does not know.
Result<void> place_regparm(CallPlacement& placement);

}  // namespace abiscope::abi
