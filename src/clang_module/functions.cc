#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <clang/AST/Attr.h>
#include <clang/Basic/TargetInfo.h>
#include <clang/Basic/TargetOptions.h>
#include <llvm/TargetParser/X86TargetParser.h>

#include "clang_module/translator.h"

namespace abiscope::clang_reader {

namespace {

// A convention the source names. The target's own, for functions of that kind, is left to the profile.
bool convention_of(const clang::FunctionDecl& function, const clang::FunctionType& type, clang::ASTContext& context,
                   std::optional<abi::Convention>& out) {
    const auto* prototype = llvm::dyn_cast<clang::FunctionProtoType>(&type);
    bool variadic = prototype != nullptr && prototype->isVariadic();
    const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(&function);
    clang::CallingConv used = type.getCallConv();
    if (used == context.getDefaultCallingConvention(variadic, method != nullptr && method->isImplicitObjectMemberFunction())) return true;
    bool wide = context.getTargetInfo().getTriple().isArch64Bit();
    switch (used) {
        // A member function that is asked to be __cdecl where __thiscall is the default.
        case clang::CC_C: out = abi::Convention::cdecl32; return !wide;
        case clang::CC_X86StdCall: out = abi::Convention::stdcall; return true;
        case clang::CC_X86FastCall: out = abi::Convention::fastcall; return true;
        case clang::CC_X86ThisCall: out = abi::Convention::thiscall; return true;
        case clang::CC_X86VectorCall: out = wide ? abi::Convention::vectorcall64 : abi::Convention::vectorcall32; return true;
        case clang::CC_AAPCS: out = abi::Convention::aapcs32_base; return true;
        case clang::CC_AAPCS_VFP: out = abi::Convention::aapcs32_vfp; return true;
        case clang::CC_Win64: out = abi::Convention::win64; return true;
        case clang::CC_X86_64SysV: out = abi::Convention::sysv_amd64; return true;
        default: return false;
    }
}

// Wider vector registers that the flags gave: -mavx itself, -march=haswell and all that contain it.
std::vector<std::string> vector_switches(const clang::TargetInfo& target) {
    if (!target.getTriple().isX86()) return {};
    if (target.hasFeature("avx512f")) return {"-mavx512f"};
    return target.hasFeature("avx") ? std::vector<std::string>{"-mavx"} : std::vector<std::string>{};
}

// Whether attribute target gives a function other vector registers than the flags do, and something travels that may lie in one: GCC passes
// it there, clang goes by the flags alone.
bool has_own_vectors(const clang::FunctionDecl& function, const clang::ASTContext& context) {
    const clang::TargetInfo& target = context.getTargetInfo();
    if (!function.hasAttr<clang::TargetAttr>() || !target.getTriple().isX86()) return false;
    llvm::StringMap<bool> features;
    context.getFunctionFeatureMap(features, &function);
    bool same = features.lookup("avx") == target.hasFeature("avx") && features.lookup("avx512f") == target.hasFeature("avx512f");
    auto may_be_wide = [](clang::QualType type) { return type->isVectorType() || type->isRecordType(); };
    return !same && (may_be_wide(function.getReturnType()) || llvm::any_of(function.parameters(), [&](const clang::ParmVarDecl* parameter) {
                         return may_be_wide(parameter->getType());
                     }));
}

// Debian's clang leaves SSE2 out of what older processors have where it reads, and not where it generates code: of those with SSE only
// these have no SSE2 (clang 19, llvm/lib/Target/X86/X86.td).
bool has_sse2(const clang::TargetInfo& target) {
    if (target.hasFeature("sse2")) return true;
    const clang::TargetOptions& options = target.getTargetOpts();
    llvm::SmallVector<llvm::StringRef, 64> features;
    llvm::X86::getFeaturesForCPU(options.CPU, features);
    bool by_processor = llvm::is_contained(features, "sse") &&
        !llvm::is_contained({"pentium3", "pentium3m", "athlon-4", "athlon-xp", "athlon-mp", "c3-2"}, options.CPU);
    return target.hasFeature("sse") && by_processor && !llvm::is_contained(options.FeaturesAsWritten, "-sse2");
}

// On 32-bit x86 vectors have registers with SSE alone; without, GCC puts them into memory and clang takes them apart. The model is that
// with SSE2, which Microsoft's compilers have unasked, and others by -msse2 or a processor.
bool needs_sse(const clang::FunctionDecl& function, const clang::TargetInfo& target) {
    const llvm::Triple& triple = target.getTriple();
    if (triple.getArch() != llvm::Triple::x86 || triple.isWindowsMSVCEnvironment() || has_sse2(target)) return false;
    auto is_vector = [](clang::QualType type) { return type->isVectorType(); };
    return is_vector(function.getReturnType()) ||
        llvm::any_of(function.parameters(), [&](const clang::ParmVarDecl* parameter) { return is_vector(parameter->getType()); });
}

}  // namespace

void Translator::add_function(const clang::FunctionDecl& function) {
    const auto* type = function.getType()->castAs<clang::FunctionType>();
    abi::Signature signature;
    signature.name = name_of(function);
    signature.language = language_;
    signature.switches = vector_switches(context_.getTargetInfo());
    if (!convention_of(function, *type, context_, signature.convention)) {
        out_.refused.emplace_back(signature.name, "its calling convention is not modelled");
        return;
    }
    if (has_own_vectors(function, context_)) {
        out_.refused.emplace_back(
            signature.name, "its attribute target changes the vector registers, which GCC heeds where it passes them and clang does not");
        return;
    }
    signature.regparm = type->getRegParmType();
    if (needs_sse(function, context_.getTargetInfo())) {
        out_.refused.emplace_back(signature.name,
                                  "without SSE2, where vectors travel is not modelled: give -msse2 or -march=... behind `--` if it is on");
        return;
    }
    for (const clang::ParmVarDecl* parameter : function.parameters()) {
        signature.parameters.push_back({.name = parameter->getNameAsString(), .type = whole(parameter->getType())});
    }
    const auto* prototype = llvm::dyn_cast<clang::FunctionProtoType>(type);
    if (prototype != nullptr && prototype->isVariadic()) signature.named = static_cast<std::uint32_t>(signature.parameters.size());
    // To clang a definition in the form before C89 (`f(a) float a; {}`) has one that nobody wrote.
    signature.prototyped = prototype != nullptr && function.hasWrittenPrototype();
    if (!function.getReturnType()->isVoidType()) signature.results.push_back({.name = {}, .type = whole(function.getReturnType())});
    // An explicit object parameter (`this X self`) is one of the parameters, and there is no `this` beside it ([dcl.fct]).
    if (const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(&function);
        method != nullptr && method->isImplicitObjectMemberFunction()) {
        signature.receiver = whole(context_.getRecordType(method->getParent()));
    }
    out_.functions.push_back(std::move(signature));
}

void Translator::refuse_function(const clang::FunctionDecl& function, std::string why) {
    out_.refused.emplace_back(name_of(function), std::move(why));
}

}  // namespace abiscope::clang_reader
