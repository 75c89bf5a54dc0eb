// Classes that a text names as the argument of a template and never needs whole.
#pragma once

#include <clang/AST/Decl.h>
#include <clang/AST/Type.h>

namespace clang {
class Sema;
}

namespace abiscope::clang_reader {

// Makes it complete where it is a class, by instantiating its template if need be; an array's elements likewise. What clang says against
// that goes to the consumer of its diagnostics.
void instantiate(clang::Sema& sema, clang::QualType type, clang::SourceLocation place);

// A call needs the types of its parameters and of its result complete; a declaration does not ([temp.inst]/2).
void instantiate_for_call(clang::Sema& sema, const clang::FunctionDecl& function);

}  // namespace abiscope::clang_reader
