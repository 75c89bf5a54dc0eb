#include "clang_module/order_reliance.h"

#include <vector>

#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>

#include "clang_module/places.h"

namespace abiscope::clang_reader {

namespace {

const clang::RecordDecl* record_of(clang::QualType type) {
    if (type.isNull()) return nullptr;
    const auto* record = type->getBaseElementTypeUnsafe()->getAs<clang::RecordType>();
    if (record == nullptr) return nullptr;
    const clang::RecordDecl* definition = record->getDecl()->getDefinition();
    return definition == nullptr ? record->getDecl() : definition;
}

// Bytes, or nothing in particular: allocators and copies go through such pointers, and rely on nothing.
bool is_raw(clang::QualType type) {
    return type->isVoidType() || type->isAnyCharacterType() || type->isFunctionType() || type->isStdByteType();
}

}  // namespace

void OrderReliance::note(const clang::RecordDecl& record, clang::SourceLocation place, const std::string& what) {
    if (!record.isUnion()) reasons.try_emplace(record.getCanonicalDecl(), place_of(place, sources_) + " " + what);
}

// A struct is smaller when one that it holds is.
void OrderReliance::note_with_parts(clang::QualType type, clang::SourceLocation place, const std::string& what) {
    const clang::RecordDecl* record = record_of(type);
    if (record == nullptr || record->isInvalidDecl() || !with_parts_.insert(record).second) return;
    note(*record, place, what);
    for (const clang::FieldDecl* field : record->fields()) note_with_parts(field->getType(), place, what);
}

// C17 6.7.2.1 p15 and p16: a pointer to a struct points to its first member, one to a union to each of its members. Notes the structs on
// the way to `to`, which is found behind first members; with no `to` all that begin with one.
bool OrderReliance::note_way_to(const clang::RecordDecl& from, const clang::RecordDecl* to, const Use& use, Known& known) {
    if (to != nullptr && from.getCanonicalDecl() == to->getCanonicalDecl()) return true;
    auto [at, fresh] = known.try_emplace(&from, to == nullptr);
    if (!fresh) return at->second;
    bool found = to == nullptr;
    for (const clang::FieldDecl* field : from.fields()) {
        const clang::RecordDecl* inner = record_of(field->getType());
        if (inner != nullptr) found = note_way_to(*inner, to, use, known) || found;
        if (!from.isUnion()) break;
    }
    if (found) note(from, use.place, use.what);
    return known[&from] = found;
}

// C17 6.5.2.3 p6: structs of a union that begin with the same members can be read through each other.
void OrderReliance::record(clang::RecordDecl& record) {
    if (!record.isUnion() || !record.isThisDeclarationADefinition() || record.isInvalidDecl()) return;
    struct Member {
        const clang::RecordDecl* structure;   // null for another type
        clang::QualType first;
    };
    std::vector<Member> members;
    for (const clang::FieldDecl* field : record.fields()) {
        const clang::RecordDecl* structure = record_of(field->getType());
        bool begins = structure != nullptr && !structure->isUnion() && !structure->field_empty();
        if (structure != nullptr && !begins) continue;
        members.push_back({structure, begins ? structure->field_begin()->getType() : field->getType()});
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
        for (std::size_t j = 0; j < members.size() && members[i].structure != nullptr; ++j) {
            if (i == j || members[i].structure == members[j].structure ||
                !context_.hasSameUnqualifiedType(members[i].first, members[j].first))
                continue;
            note(*members[i].structure, record.getLocation(), "holds it in a union beside another member that begins alike");
            break;
        }
    }
}

void OrderReliance::expression(clang::Expr& expression) {
    if (const auto* one = llvm::dyn_cast<clang::CastExpr>(&expression)) cast(*one);
    if (const auto* one = llvm::dyn_cast<clang::BinaryOperator>(&expression)) operation(*one);
    if (const auto* one = llvm::dyn_cast<clang::OffsetOfExpr>(&expression)) offset_of(*one);
    if (const auto* one = llvm::dyn_cast<clang::UnaryOperator>(&expression)) offset_from_null(*one);
}

void OrderReliance::cast(const clang::CastExpr& cast) {
    const clang::Expr& operand = *cast.getSubExpr();
    if (!cast.getType()->isPointerType() || !operand.getType()->isPointerType() || cast.getCastKind() == clang::CK_NullToPointer) return;
    clang::QualType before = operand.getType()->getPointeeType(), after = cast.getType()->getPointeeType();
    if (is_raw(before) || is_raw(after) || context_.hasSameUnqualifiedType(before, after)) return;
    const clang::RecordDecl* from = record_of(before);
    const clang::RecordDecl* to = record_of(after);
    auto use = [&](const char* which, clang::QualType type) {
        return Use{cast.getExprLoc(),
                   std::string("casts a pointer to it ") + which + " '" + type.getUnqualifiedType().getAsString() + " *'"};
    };
    Use forth = use("to", after), back = use("from", before);
    Known known_forth, known_back;
    if (from != nullptr && note_way_to(*from, to, forth, known_forth)) return;
    if (to != nullptr && note_way_to(*to, from, back, known_back)) return;
    // Neither begins with the other: they are taken to lie alike.
    if (from != nullptr) note(*from, forth.place, forth.what);
    if (to != nullptr) note(*to, back.place, back.what);
}

void OrderReliance::operation(const clang::BinaryOperator& operation) {
    const clang::Expr& left = *operation.getLHS();
    const clang::Expr& right = *operation.getRHS();
    if (operation.getOpcode() == clang::BO_Sub) way_back_.insert(right.IgnoreParenCasts());
    if (!operation.isEqualityOp()) return;
    compared_size(left, right, operation.getExprLoc());
    compared_size(right, left, operation.getExprLoc());
}

// `char right_size[sizeof(struct s) == 24 ? 1 : -1]`: assertions from before C11.
void OrderReliance::compared_size(const clang::Expr& operand, const clang::Expr& other, clang::SourceLocation place) {
    const auto* size = llvm::dyn_cast<clang::UnaryExprOrTypeTraitExpr>(operand.IgnoreParenCasts());
    if (size == nullptr || !llvm::isa<clang::IntegerLiteral>(other.IgnoreParenCasts())) return;
    note_with_parts(size->getTypeOfArgument(), place, "compares its size with a number");
}

void OrderReliance::offset_of(const clang::OffsetOfExpr& offset) {
    if (way_back_.contains(&offset)) return;
    constexpr const char* what = "takes the offset of a member of it";
    if (const clang::RecordDecl* record = record_of(offset.getTypeSourceInfo()->getType())) note(*record, offset.getBeginLoc(), what);
    for (unsigned i = 0; i < offset.getNumComponents(); ++i) {
        const clang::OffsetOfNode& node = offset.getComponent(i);
        if (node.getKind() == clang::OffsetOfNode::Field) note(*node.getField()->getParent(), offset.getBeginLoc(), what);
    }
}

// `&((struct s *)0)->m`
void OrderReliance::offset_from_null(const clang::UnaryOperator& address) {
    if (address.getOpcode() != clang::UO_AddrOf || way_back_.contains(&address)) return;
    std::vector<const clang::RecordDecl*> records;
    const clang::Expr* at = address.getSubExpr()->IgnoreParens();
    for (;;) {
        if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(at)) {
            if (const auto* field = llvm::dyn_cast<clang::FieldDecl>(member->getMemberDecl())) records.push_back(field->getParent());
            at = member->getBase()->IgnoreParenCasts();
        } else if (const auto* element = llvm::dyn_cast<clang::ArraySubscriptExpr>(at)) {
            at = element->getBase()->IgnoreParenCasts();
        } else {
            break;
        }
    }
    if (!llvm::isa<clang::IntegerLiteral>(at)) return;
    for (const clang::RecordDecl* record : records) note(*record, address.getBeginLoc(), "takes the offset of a member of it");
}

void OrderReliance::static_assertion(clang::StaticAssertDecl& assertion) { asserted(*assertion.getAssertExpr(), assertion.getLocation()); }

void OrderReliance::asserted(const clang::Stmt& condition, clang::SourceLocation place) {
    std::vector<const clang::Stmt*> waiting{&condition};
    while (!waiting.empty()) {
        const clang::Stmt* one = waiting.back();
        waiting.pop_back();
        if (const auto* size = llvm::dyn_cast<clang::UnaryExprOrTypeTraitExpr>(one))
            note_with_parts(size->getTypeOfArgument(), place, "asserts its size or alignment");
        if (const auto* offset = llvm::dyn_cast<clang::OffsetOfExpr>(one))
            note_with_parts(offset->getTypeSourceInfo()->getType(), place, "asserts the offset of a member");
        for (const clang::Stmt* child : one->children()) {
            if (child != nullptr) waiting.push_back(child);
        }
    }
}

}  // namespace abiscope::clang_reader
