// What a C++ class allows a calling convention to do with its objects, from how its special members are declared.
#pragma once

#include <string>

#include "abi/profile.h"
#include "abi/type.h"
#include "base/result.h"

namespace abiscope::abi {

struct ClassTraits {
    // Itanium C++ ABI 3.1.1: a copy or move constructor or the destructor does something, or all copying and moving is deleted.
    bool trivial_for_calls = true;
    std::string reason;               // what makes it not trivial: "the destructor of S::member is user-provided"
    // The parts of it, and what Microsoft's compiler asks besides.
    bool trivial_copy = true;         // there is a copy constructor, it is not deleted and does nothing
    bool trivial_destructor = true;
    bool destructor_runs = false;     // it does something, whatever attribute trivial_abi says of calls
    bool trivial_copy_assignment = true;
    bool trivial_default_constructor = true;   // or none at all
    bool user_constructor = false;
    bool has_bases = false;
    bool has_hidden_data = false;     // private or protected
    bool is_polymorphic = false;
};

// Why Microsoft's compilers, but for x64 arguments, do not take a class for a plain one; empty when they do (clang 19, MicrosoftCXXABI.cpp,
// isTrivialForMSVC: an aggregate of C++14 without functions of its own).
[[nodiscard]] std::string not_plain_to_microsoft(const ClassTraits& traits);

// A type that is no C++ class is trivial. Only clang heeds attribute trivial_abi. Error limit_reached for a class nested too deeply.
[[nodiscard]] Result<ClassTraits> class_traits(const TypeTable& types, TypeId type, Compiler compiler);

}  // namespace abiscope::abi
