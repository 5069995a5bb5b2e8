using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Anthane.Sso.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class PushedRequests : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "PushedHash",
                table: "PendingAuthorizations",
                type: "text",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "PushedHash",
                table: "PendingAuthorizations");
        }
    }
}
