#include "clang_module/positional_initializers.h"

#include <algorithm>

#include "clang_module/places.h"

namespace abiscope::clang_reader {

namespace {

const clang::InitListExpr& as_meant(const clang::InitListExpr& list) {
    const clang::InitListExpr* meant = list.isSemanticForm() ? nullptr : list.getSemanticForm();
    return meant == nullptr ? list : *meant;
}
const clang::InitListExpr& as_written(const clang::InitListExpr& list) {
    const clang::InitListExpr* written = list.isSemanticForm() ? list.getSyntacticForm() : nullptr;
    return written == nullptr ? list : *written;
}

// Braces left out (C17 6.7.9 p20): clang makes a list for the inner aggregate that nobody wrote.
bool has_no_braces(const clang::InitListExpr& meant) { return meant.isSemanticForm() && meant.getSyntacticForm() == nullptr; }

}  // namespace

void PositionalInitializers::initializer_list(clang::InitListExpr& list) {
    // What stands within a list is looked at with the outermost one.
    if (done_.contains(&as_written(list))) return;
    note_designated(as_written(list));
    given_by(as_meant(list));
}

void PositionalInitializers::note_designated(const clang::InitListExpr& written) {
    done_.insert(&written);
    for (const clang::Expr* one : written.inits()) {
        if (one == nullptr) continue;
        if (const auto* designated = llvm::dyn_cast<clang::DesignatedInitExpr>(one)) {
            one = designated->getInit();
            designated_.insert(one->IgnoreParenImpCasts());
        }
        if (const auto* inner = llvm::dyn_cast<clang::InitListExpr>(one)) note_designated(as_written(*inner));
    }
}

PositionalInitializers::Given PositionalInitializers::given_by(const clang::InitListExpr& meant) {
    Given all = Given::nothing;
    for (unsigned i = 0; i < meant.getNumInits(); ++i) all = std::max(all, given_by(meant.getInit(i), i == 0));
    const auto* type = meant.getType().isNull() ? nullptr : meant.getType()->getAs<clang::RecordType>();
    if (all == Given::members && type != nullptr && !type->isUnionType())
        places.try_emplace(type->getDecl()->getCanonicalDecl(), place_of(as_written(meant).getBeginLoc(), sources_));
    return all;
}

PositionalInitializers::Given PositionalInitializers::given_by(const clang::Expr* value, bool first) {
    if (value == nullptr || llvm::isa<clang::ImplicitValueInitExpr, clang::NoInitExpr>(value)) return Given::nothing;
    // `.s = x, .s.a = 1`: the list holds what changes x.
    if (const auto* update = llvm::dyn_cast<clang::DesignatedInitUpdateExpr>(value)) {
        given_by(*update->getUpdater());
        return Given::nothing;
    }
    if (const auto* inner = llvm::dyn_cast<clang::InitListExpr>(value)) {
        Given given = given_by(*inner);
        if (!has_no_braces(*inner)) return designated_.contains(&as_written(*inner)) ? Given::nothing : Given::members;
        return given == Given::lone_zero && !first ? Given::members : given;
    }
    const clang::Expr* plain = value->IgnoreParenImpCasts();
    if (designated_.contains(plain)) return Given::nothing;
    const auto* number = llvm::dyn_cast<clang::IntegerLiteral>(plain);
    return first && number != nullptr && number->getValue() == 0 ? Given::lone_zero : Given::members;
}

}  // namespace abiscope::clang_reader
