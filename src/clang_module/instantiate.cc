#include "clang_module/instantiate.h"

#include <clang/Sema/Sema.h>

namespace abiscope::clang_reader {

void instantiate(clang::Sema& sema, clang::QualType type, clang::SourceLocation place) {
    clang::QualType element = sema.Context.getBaseElementType(type);
    if (element->isRecordType() && element->isIncompleteType()) static_cast<void>(sema.isCompleteType(place, element));
}

void instantiate_for_call(clang::Sema& sema, const clang::FunctionDecl& function) {
    for (const clang::ParmVarDecl* parameter : function.parameters()) instantiate(sema, parameter->getType(), function.getLocation());
    instantiate(sema, function.getReturnType(), function.getLocation());
}

}  // namespace abiscope::clang_reader
